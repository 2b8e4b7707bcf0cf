using System.Text.Json.Nodes;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// Whatever one key's callers do, another's texts stay as they are. How long they take is measured by the same command on a quiet
/// machine.
/// </summary>
public sealed class NeighbourTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Beside_every_kind_of_neighbour_a_caller_is_answered_and_its_texts_are_the_same()
    {
        var figures = Path.Combine(_folder.Path, "figures.json");
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "bench", "serve", Publish(), "--concurrency", "2", "--requests", "4", "--warm-up", "0", "--prompt-tokens", "16",
            "--answer-tokens", "12", "--neighbours", "all", "--json", figures);

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        var rows = JsonNode.Parse(await File.ReadAllTextAsync(figures, TestContext.Current.CancellationToken))!.AsArray();
        Assert.Equal(
            [
                "quiet", "beside ordinary", "beside biases", "beside names", "beside samples", "beside answers", "beside schemas",
                "beside lengths", "beside priorities", "beside words", "beside stalls", "beside flood",
            ],
            rows.Select(row => (string)row!["phase"]!));
        foreach (var row in rows.Skip(1))
        {
            Assert.True((4, 0, 0) == ((int)row!["requests"]!, (int)row["failed"]!, (int)row["texts_changed"]!), row.ToJsonString());
            Assert.True((int)row["texts_compared"]! >= 4, row.ToJsonString());
        }

        Assert.DoesNotContain("Internal", ended.Output);
        Assert.DoesNotContain("Unknown", ended.Output);
    }

    [Fact]
    public async Task Unknown_kinds_are_refused_by_name()
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, "bench", "serve", "model", "--neighbours", "loud");
        Assert.Contains("Flag --neighbours is 'loud'; expected all, or some of ordinary, biases", ended.Mistake());
    }

    private string Publish() => PublishedStudent.In(Path.Combine(_folder.Path, "checkpoints"));
}
