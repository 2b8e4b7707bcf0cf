using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>A GGUF file is a model like any other.</summary>
public sealed class GgufTests(ConvertedStory story) : IClassFixture<ConvertedStory>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_written_as_GGUF_tells_the_expected_story_byte_for_byte()
    {
        var expected = await File.ReadAllBytesAsync(SharedData.Require("checkpoints/stories260K/expected_greedy_200.txt"));
        var file = await WriteAsync("f32");
        var ended = await OrcaProcess.RunAsync(_folder.Path, "generate", file, "--temperature", "0", "--max-tokens", "200");
        Assert.True(ended.Code == 0, ended.Errors);
        Assert.Equal(expected, ended.OutputBytes);

        // Once more from the file it was written from: GGUF to GGUF.
        var again = Path.Combine(_folder.Path, "again.gguf");
        Assert.Equal(0, (await OrcaProcess.RunAsync(_folder.Path, "convert", file, again, "--weights", "f32")).Code);
        Assert.Equal(
            expected,
            (await OrcaProcess.RunAsync(_folder.Path, "generate", again, "--temperature", "0", "--max-tokens", "200")).OutputBytes);
    }

    [Fact]
    public async Task A_file_of_four_bits_is_served()
    {
        var file = await WriteAsync("q4_0");
        await using var server = OrcaProcess.Start(_folder.Path, "serve", file, "--port", "0");
        await server.LineAsync("serving on ");
        await server.LineAsync("version 1 answers (q4_0.gguf)");
        server.Signal("INT");
        var ended = await server.EndAsync();
        Assert.True(ended.Code == 0, ended.Errors);
    }

    [Fact]
    public async Task Mistakes_are_told_in_one_sentence()
    {
        var file = await WriteAsync("q8_0");
        var whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..^1000]);
        Assert.Contains("may be truncated", (await OrcaProcess.RunAsync(_folder.Path, "generate", file)).Mistake());
        Assert.Contains(
            "exists", (await OrcaProcess.RunAsync(_folder.Path, "convert", await story.ModelAsync(), file)).Mistake());
        Assert.Contains(
            "it must be f32, f16, bf16, q8_0, q4_0 or q4_K",
            (await OrcaProcess.RunAsync(_folder.Path, "convert", file, "a.gguf", "--weights", "q6")).Mistake());
    }

    private async Task<string> WriteAsync(string weights)
    {
        var file = Path.Combine(_folder.Path, $"{weights}.gguf");
        var written = await OrcaProcess.RunAsync(_folder.Path, "convert", await story.ModelAsync(), file, "--weights", weights);
        Assert.True(written.Code == 0, written.Errors);
        return file;
    }
}
