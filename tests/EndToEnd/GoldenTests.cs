using Grpc.Net.Client;
using Orca.Protocol.Inference.V1;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>A real model gives, byte for byte, the text that another implementation gave.</summary>
public sealed class GoldenTests(ConvertedStory story) : IClassFixture<ConvertedStory>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stories260K.bin")]
    [InlineData("stories260K_v1.bin")]
    public async Task A_converted_model_tells_the_expected_story(string file)
    {
        var expected = await File.ReadAllBytesAsync(SharedData.Require("checkpoints/stories260K/expected_greedy_200.txt"));
        var model = file == "stories260K.bin"
            ? await story.ModelAsync()
            : await ConvertedStory.ConvertAsync(file, Path.Combine(_folder.Path, "model"));
        var ended = await OrcaProcess.RunAsync(_folder.Path, "generate", model, "--temperature", "0", "--max-tokens", "200");
        Assert.Equal(0, ended.Code);
        Assert.Equal(expected, ended.OutputBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task The_server_tells_it_too_to_any_number_at_once(int callers)
    {
        var expected = await File.ReadAllTextAsync(SharedData.Require("checkpoints/stories260K/expected_greedy_200.txt"));
        var model = await story.ModelAsync();
        await using var server = OrcaProcess.Start(_folder.Path, "serve", model, "--port", "0");
        using var channel = GrpcChannel.ForAddress("http://" + (await server.LineAsync("serving on ")).Split(' ')[^1]);
        await server.LineAsync("version 1 answers");
        var client = new InferenceService.InferenceServiceClient(channel);
        var request = new GenerateRequest
        {
            Spec = new GenerationSpec
            {
                Sampling = new SamplingParams { Temperature = 0 },
                Stopping = new StoppingParams { MaxTokens = 200 },
            },
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => client.GenerateAsync(request).ResponseAsync));
        Assert.All(answers, answer => Assert.Equal(expected, answer.Text));
        server.Signal("INT");
        var ended = await server.EndAsync();
        Assert.True(ended.Code == 0, ended.Errors);
    }

    [Fact]
    public async Task A_truncated_model_is_told_in_one_sentence()
    {
        var whole = await File.ReadAllBytesAsync(SharedData.Require("checkpoints/stories260K/stories260K.bin"));
        var cut = Path.Combine(_folder.Path, "cut.bin");
        await File.WriteAllBytesAsync(cut, whole[..^1000]);
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "convert", cut, "out", "--tokenizer", SharedData.Require("checkpoints/stories260K/tok512.bin"));
        Assert.Contains("cut.bin", ended.Mistake());
    }
}
