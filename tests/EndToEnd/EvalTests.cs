using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Streams.Tasks;

namespace Orca.EndToEnd.Tests;

/// <summary>A student of a run is examined by a benchmark of somebody's own rows, as a user would.</summary>
public sealed class EvalTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_student_was_taught_stands_beside_its_score_and_messages_are_swept_and_samples_written()
    {
        var trained = await OrcaProcess.RunAsync(
            _folder.Path,
            "daemon", "--run", "run", "--roles", "collect,train", "--max-steps", "3", "--set", "curriculum.assistantLessons=0");
        Assert.True(trained.Code == 0, trained.Output + trained.Errors);

        // The first question that the run asked, and one that no run asks.
        var (taught, other) = (new ReasoningTasks(1).At(0), ReasoningTasks.HeldOut("navigate", 1, 7)[0]);
        await File.WriteAllLinesAsync(
            Path.Combine(_folder.Path, "bench.jsonl"),
            new[] { taught, other }
                .Select(query => JsonSerializer.Serialize(new { question = query.Prompt, answer = query.GoldAnswers[0] })),
            TestContext.Current.CancellationToken);
        string[] who = ["jsonl:bench.jsonl", "--model", "run", "--max-tokens", "8"];

        var run = await OrcaProcess.RunAsync(_folder.Path, ["eval", "run", .. who, "--run", "evaluation"]);
        Assert.True(run.Code == 0, run.Output + run.Errors);
        Assert.Contains("lessons (run) some share text with 1 of the questions", run.Output);
        var report = JsonNode.Parse(await ReadAsync("evaluation", "report.json"))!;
        Assert.Equal(1, (int)report["tasks"]![0]!["contaminated"]!);

        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "messages.json"),
            """[{"id": "none", "text": "", "used_for": ["reasoning"]}, {"id": "steps", "text": "Think.", "used_for": ["reasoning"]}]""",
            TestContext.Current.CancellationToken);
        var sweep = await OrcaProcess.RunAsync(
            _folder.Path, ["eval", "sweep", .. who, "--run", "sweep", "--messages", "messages.json"]);
        Assert.True(sweep.Code == 0, sweep.Output + sweep.Errors);
        Assert.Contains("The best message of each task:", sweep.Output);
        Assert.Contains("Think.", await ReadAsync("sweep", "message-2", "records.jsonl"));

        var samples = await OrcaProcess.RunAsync(_folder.Path, "eval", "samples", "evaluation", "--folder", "samples");
        Assert.True(samples.Code == 0, samples.Output + samples.Errors);
        var rescored = await OrcaProcess.RunAsync(_folder.Path, ["eval", "rescore", samples.Output.Trim()]);
        Assert.True(rescored.Code == 0, rescored.Output + rescored.Errors);
    }

    private Task<string> ReadAsync(params string[] path) =>
        File.ReadAllTextAsync(Path.Combine([_folder.Path, .. path]), TestContext.Current.CancellationToken);
}
