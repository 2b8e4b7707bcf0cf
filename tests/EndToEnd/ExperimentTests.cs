using System.Text.Json.Nodes;

namespace Orca.EndToEnd.Tests;

public sealed class ExperimentTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_experiment_that_was_interrupted_and_killed_goes_on_and_one_that_is_done_is_told_again_without_training()
    {
        string[] command = ["experiment", "explanations", "--seeds", "1", "--steps", "20", "--questions", "1", "--protocols", "robust"];
        await using (var stopped = OrcaProcess.Start(_folder.Path, command))
        {
            await UntilAsync(() => Metrics().Any(file => new FileInfo(file).Length > 0));
            stopped.Signal("INT");
            var ended = await stopped.EndAsync();
            Assert.Equal(130, ended.Code);
            Assert.Contains("the same command goes on where its students stopped", ended.Errors);
        }

        await using (var killed = OrcaProcess.Start(_folder.Path, command))
        {
            await UntilAsync(() => Stores().Any(IsHeld));
            killed.Signal("KILL");
            await killed.EndAsync();
        }

        // Its students end with it: their stores are let go of.
        await UntilAsync(() => !Stores().Any(IsHeld));

        var done = await OrcaProcess.RunAsync(_folder.Path, command);
        Assert.True(done.Code == 0, done.Output + done.Errors);
        var report = Path.Combine(_folder.Path, "experiments", "explanations", "report.json");
        var text = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        var students = JsonNode.Parse(text)!["students"]!.AsArray();
        Assert.Equal(["answers", "explanations"], students.Select(student => (string)student!["arm"]!));
        Assert.All(students, student =>
        {
            Assert.Equal((20, 20 * 1_024), ((int)student!["effort"]!["steps"]!, (int)student["effort"]!["tokens"]!));
            Assert.Equal(["robust"], student["scores"]!.AsArray().Select(score => (string)score!["protocol"]!));
        });

        var logs = Directory.GetFiles(_folder.Path, "training.log", SearchOption.AllDirectories)
            .ToDictionary(file => file, File.ReadAllText);
        var again = await OrcaProcess.RunAsync(_folder.Path, command);
        Assert.Equal((0, done.Output), (again.Code, again.Output));
        Assert.Equal(text, await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken));
        Assert.All(logs, log => Assert.Equal(log.Value, File.ReadAllText(log.Key)));
    }

    [Fact]
    public async Task Another_plan_in_the_same_folder_is_refused_with_the_remedy()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "experiments", "screens")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "plan.json"), "{}", TestContext.Current.CancellationToken);

        var ended = await OrcaProcess.RunAsync(_folder.Path, "experiment", "screens");

        Assert.Equal(2, ended.Code);
        Assert.Contains("give --folder another one, or remove", ended.Errors);
    }

    private static bool IsHeld(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private string[] Stores() => Directory.GetFiles(_folder.Path, "traces.db.lock", SearchOption.AllDirectories);

    private string[] Metrics() => Directory.GetFiles(_folder.Path, "metrics.jsonl", SearchOption.AllDirectories);
}
