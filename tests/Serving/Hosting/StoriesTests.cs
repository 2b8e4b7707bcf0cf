using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Conversion;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;
using Orca.Tests.Shared;

namespace Orca.Serving.Tests.Hosting;

/// <summary>A published model tells the published story.</summary>
public class StoriesTests
{
    private const int Tokens = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task The_known_story_comes_byte_for_byte_over_grpc_to_one_caller_and_to_eight_at_once(int callers)
    {
        await using var student = await OpenAsync();
        await using var host = await ServingHost.StartAsync(student, new ServingOptions { Port = 0 }, NullLoggerFactory.Instance);
        using var channel = GrpcChannel.ForAddress(host.Endpoint);
        var client = new InferenceService.InferenceServiceClient(channel);
        var spec = new GenerationSpec
        {
            Sampling = new SamplingParams { Temperature = 0 },
            Stopping = new StoppingParams { MaxTokens = Tokens },
        };

        var answers = await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ => await client.GenerateAsync(new GenerateRequest { Spec = spec })));

        Assert.All(answers, answer => Assert.Equal(Expected(), answer.Text));
    }

    [Fact]
    public async Task The_known_story_comes_in_process_and_goes_on_from_its_middle()
    {
        await using var student = await OpenAsync();
        var whole = await student.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, Tokens));
        Assert.Equal(Expected(), whole.Text);

        // Text that is continued keeps the space between its last word and the next one.
        var half = whole.Tokens[..100];
        var rest = await student.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([1, .. half]), Tokens - 100));
        Assert.Equal(whole.Tokens[100..], rest.Tokens.AsEnumerable());
        Assert.EndsWith(rest.Text, whole.Text);
    }

    private static string Expected() => File.ReadAllText(SharedData.Require("checkpoints/stories260K/expected_greedy_200.txt"));

    private static async Task<StudentServer> OpenAsync()
    {
        var model = SharedData.Require("checkpoints/stories260K/stories260K.bin");
        var tokenizer = SharedData.Require("checkpoints/stories260K/tok512.bin");
        using var folder = new TemporaryFolder();
        var converted = Path.Combine(folder.Path, "model");
        Llama2c.Convert(model, tokenizer, converted);
        return await StudentServer.StartAsync(converted, new EngineOptions(), NullLoggerFactory.Instance);
    }
}
