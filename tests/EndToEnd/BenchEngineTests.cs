using System.Text.Json.Nodes;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>The engine's own speed, from the command line.</summary>
public sealed class BenchEngineTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Prefill_and_decoding_are_measured_by_batch_size_beside_what_memory_gives()
    {
        var file = Path.Combine(_folder.Path, "figures.json");
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "bench", "engine", "--shape", "15m", "--weights", "int8", "--batch", "1,3",
            "--prompt", "24", "--steps", "4", "--json", file);

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        var rows = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!.AsArray();
        Assert.Equal([1, 3], rows.Select(row => (int)row!["batch"]!));
        foreach (var row in rows)
        {
            Assert.Equal(
                ("15m", "int8", 24, 4), ((string)row!["shape"]!, (string)row["weights"]!, (int)row["prompt_tokens"]!, (int)row["steps"]!));
            foreach (var rate in new[] { "prefill_tokens_per_second", "decode_tokens_per_second", "decode_gigabytes_per_second", "read_gigabytes_per_second" })
            {
                Assert.True((double)row[rate]! > 0, rate);
            }

            // A step reads every weight once, for all sequences: 15 M of them at 34 bytes of 32, and what it reads follows from its rate.
            var stepBytes = 1e9 * (double)row["decode_gigabytes_per_second"]! / ((double)row["decode_tokens_per_second"]! / (int)row["batch"]!);
            Assert.InRange(stepBytes, 15e6, 18e6);
        }

        Assert.Contains("of read", ended.Output);
    }

    [Fact]
    public async Task A_model_of_few_words_is_measured_too()
    {
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "bench", "engine", "--model", PublishedStudent.In(Path.Combine(_folder.Path, "checkpoints")),
            "--batch", "1", "--prompt", "24", "--steps", "4");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("of read", ended.Output);
    }

    [Theory]
    [InlineData("2b", "--shape", "2b")]
    [InlineData("int3", "--weights", "int3")]
    [InlineData("blocks of 256", "--weights", "q4_K")]
    [InlineData("--batch", "--batch", "0")]
    [InlineData("which cannot be written", "--json", "nowhere/figures.json")]
    public async Task A_mistake_is_told_in_one_sentence(string part, params string[] arguments)
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, ["bench", "engine", .. arguments]);
        Assert.Contains(part, ended.Mistake());
    }
}
