using System.Text.Json.Nodes;

namespace Orca.EndToEnd.Tests;

/// <summary>What a run has asked and kept, from the command line.</summary>
public sealed class TracesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_collected_is_listed_counted_shown_exported_and_screened_again()
    {
        var questions = Path.Combine(_folder.Path, "questions.jsonl");
        await File.WriteAllLinesAsync(
            questions,
            Enumerable.Range(0, 30).Select(number => $$"""{"question":"What is {{number}} + 1?","response":"It is {{number + 1}}, for that comes next."}"""),
            TestContext.Current.CancellationToken);
        var collected = await RunAsync(
            "daemon", "--roles", "collect", "--tasks", $"jsonl:{questions}", "--teacher", "recorded",
            "--set", "curriculum.maxAnswerCharacters=5");
        Assert.Equal((1, true), (collected.Code, collected.Output.Contains("no trace accepted", StringComparison.Ordinal)));

        var rejected = await RunAsync("traces", "count", "--by", "screen", "--state", "rejected");
        Assert.Contains("length ", rejected.Output);

        var again = await RunAsync("traces", "screen");
        Assert.Contains("of them are accepted now", again.Output);
        var list = await RunAsync("traces", "list", "--state", "accepted", "--limit", "5");
        Assert.Equal(6, list.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("There are more", list.Errors);
        var id = list.Output.Split('\n')[1].Split(' ')[0];
        var shown = await RunAsync("traces", "show", id);
        Assert.Contains("found before:", shown.Output);

        Assert.Contains("reserved", (await RunAsync("traces", "spending")).Output);
        var exported = await RunAsync("traces", "export", Path.Combine(_folder.Path, "out.jsonl"));
        Assert.True(exported.Code == 0, exported.Output + exported.Errors);
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "out.jsonl"), TestContext.Current.CancellationToken);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.StartsWith("It is ", (string)JsonNode.Parse(line)!["response"]!));
    }

    [Fact]
    public async Task A_damaged_page_of_the_store_is_told_in_one_sentence()
    {
        var questions = Path.Combine(_folder.Path, "questions.jsonl");
        await File.WriteAllLinesAsync(
            questions,
            Enumerable.Range(0, 300).Select(number => $$"""{"question":"What is {{number}} + 1?","response":"It is {{number + 1}}, for that comes next."}"""),
            TestContext.Current.CancellationToken);
        await RunAsync("collect", "--tasks", $"jsonl:{questions}", "--teacher", "recorded");
        var store = Path.Combine(_folder.Path, "run", "traces.db");
        await using (var file = File.OpenWrite(store))
        {
            for (var page = 2; page < file.Length / 4096; page++)
            {
                file.Position = page * 4096;
                await file.WriteAsync(new byte[] { 0xAA, 0x55, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, TestContext.Current.CancellationToken);
            }
        }

        Assert.Contains("damaged", (await RunAsync("traces", "list")).Mistake());
        Assert.Contains("damaged", (await RunAsync("traces", "count", "--by", "task")).Mistake());
    }

    [Theory]
    [InlineData("The run's folder '/dev/null/run' cannot be made", "collect", "--run", "/dev/null/run")]
    public async Task A_folder_that_cannot_be_is_told_in_one_sentence(string part, params string[] arguments) =>
        Assert.Contains(part, (await OrcaProcess.RunAsync(_folder.Path, arguments)).Mistake());

    [Theory]
    [InlineData("There is no trace store", "traces", "list")]
    [InlineData("There is no trace store", "traces", "screen")]
    [InlineData("ends in .jsonl or .parquet", "traces", "export", "out.txt")]
    [InlineData("expected one of asked, answered", "traces", "list", "--state", "none")]
    public async Task A_mistake_is_told_in_one_sentence(string part, params string[] arguments)
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, arguments);
        Assert.Contains(part, ended.Mistake());
    }

    private Task<Ended> RunAsync(params string[] arguments) =>
        OrcaProcess.RunAsync(_folder.Path, [.. arguments, "--run", Path.Combine(_folder.Path, "run")]);
}
