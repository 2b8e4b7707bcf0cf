using Microsoft.Data.Sqlite;
using Orca.Streams.Tests.Support;

namespace Orca.EndToEnd.Tests;

/// <summary>Each role of the daemon alone and every two of them, as a user starts them.</summary>
public sealed class RolesTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--port", "0",
        "--set", "serving.httpPort=0",
        "--set", "training.batchRows=2",
        "--set", "training.sequenceLength=256",
        "--set", "training.publishEverySteps=4",
        "--set", "training.warmUpSteps=2",
        "--set", "curriculum.assistantLessons=40",
        "--set", "curriculum.expertLessons=40",
        "--set", "evaluation.questionsPerTask=1",
        "--set", "evaluation.maxTokens=12",
        "--set", "evaluation.sampleQuestions=0",
        "--set", "display.everySeconds=0.5",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Run => Path.Combine(_folder.Path, "runs", "default");

    [Fact]
    public async Task Collecting_alone_needs_no_student_and_fills_every_stage_with_new_traces()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply($"It is asked, so the answer is number {number}."));
        await AskableAsync(700);

        // Neither libtorch nor a model is there.
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "",
            [
                "daemon", "--roles", "collect", "--student", "nowhere", "--teacher", "openai", "--tasks", "jsonl:questions.jsonl",
                "--set", $"teacher.baseUrl={teacher.BaseUrl}", "--set", "curriculum.assistantLessons=600",
                "--set", "curriculum.expertLessons=40",
            ],
            ("ORCA_LIBTORCH", _folder.Path));

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Equal(("600", "40"), (await AcceptedAsync("assistant"), await AcceptedAsync("expert")));
        Assert.Contains("640 traces accepted", ended.Output.Split('\n')[^1]);
        Assert.False(Directory.Exists(Path.Combine(Run, "checkpoints")));
    }

    [Fact]
    public async Task Collecting_that_keeps_nothing_says_so_and_fails()
    {
        await using var teacher = new ChatServer(_ => ChatServer.Reply(" "));
        await AskableAsync(12);

        var ended = await OrcaProcess.RunAsync(
            _folder.Path,
            "daemon", "--roles", "collect", "--teacher", "openai", "--tasks", "jsonl:questions.jsonl",
            "--set", $"teacher.baseUrl={teacher.BaseUrl}");

        Assert.Equal(1, ended.Code);
        Assert.Contains("no trace accepted", ended.Output.Split('\n')[^1]);
        Assert.Contains("rejected by empty", ended.Output.Split('\n')[^1]);
    }

    [Fact]
    public async Task Training_alone_teaches_what_was_collected_and_serving_alone_answers_with_what_was_trained()
    {
        var collected = await DaemonAsync("collect");
        Assert.True(collected.Code == 0, collected.Output + collected.Errors);
        Assert.Equal(("40", "40"), (await AcceptedAsync("assistant"), await AcceptedAsync("expert")));

        var trained = await DaemonAsync("train", "--max-steps", "8");
        Assert.True(trained.Code == 0, trained.Output + trained.Errors);
        Assert.Contains("8 steps made", trained.Output);
        Assert.DoesNotContain("serving on", trained.Output);
        Assert.Equal(("40", "40"), (await AcceptedAsync("assistant"), await AcceptedAsync("expert")));

        await using var serving = OrcaProcess.Start(_folder.Path, ["daemon", "--roles", "serve", .. Small]);
        await serving.LineAsync("served 1 (step-00000008)");
        serving.Signal("INT");
        var served = await serving.EndAsync();
        Assert.True(served.Code == 0, served.Output + served.Errors);
        Assert.DoesNotContain("steps made", served.Output);
    }

    [Fact]
    public async Task Training_alone_on_an_empty_folder_says_that_there_is_nothing_to_teach_and_fails()
    {
        var ended = await DaemonAsync("train");

        Assert.Equal(1, ended.Code);
        Assert.Contains("no step was made", ended.Output.Split('\n')[^1]);
    }

    [Fact]
    public async Task Collecting_and_training_need_no_server()
    {
        var ended = await DaemonAsync("collect,train", "--max-steps", "6");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("6 steps made", ended.Output);
        Assert.DoesNotContain("serving on", ended.Output);
    }

    [Fact]
    public async Task Training_and_serving_examine_the_student_on_what_was_collected_before()
    {
        Assert.Equal(0, (await DaemonAsync("collect")).Code);

        var ended = await DaemonAsync("train,serve", "--max-steps", "6");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("before: accuracy", ended.Output);
        Assert.Contains("6 steps made", ended.Output);
        Assert.Equal(("40", "40"), (await AcceptedAsync("assistant"), await AcceptedAsync("expert")));
    }

    [Fact]
    public async Task Collecting_and_serving_is_steered_and_counts_no_lesson_as_given()
    {
        // After 70 answers it says nothing more.
        await using var teacher = new ChatServer(
            number => number > 70 ? null! : ChatServer.Reply($"It is asked, so the answer is number {number}."));
        await AskableAsync(100);
        await using var orca = OrcaProcess.Start(
            _folder.Path,
            [
                "daemon", "--roles", "collect,serve", .. Small, "--teacher", "openai", "--tasks", "jsonl:questions.jsonl",
                "--set", $"teacher.baseUrl={teacher.BaseUrl}", "--set", "teacher.finishSeconds=1",
            ]);
        var address = (await orca.LineAsync("serving on"))["serving on ".Length..];
        await orca.LineAsync("kept 70");

        var paused = await OrcaProcess.RunAsync(_folder.Path, "tune", address, "pause");
        Assert.True(paused.Code == 0, paused.Output + paused.Errors);
        var status = await OrcaProcess.RunAsync(_folder.Path, "tune", address, "status");
        Assert.Contains("expert (paused)", status.Output);
        Assert.Matches(@"delivered\s+0 lessons", status.Output);

        orca.Signal("INT");
        var ended = await orca.EndAsync();
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("70 traces accepted (70 now): ended by request", ended.Output);
        Assert.Equal(("40", "30"), (await AcceptedAsync("assistant"), await AcceptedAsync("expert")));
    }

    private Task<Ended> DaemonAsync(string roles, params string[] flags) =>
        OrcaProcess.RunAsync(_folder.Path, ["daemon", "--roles", roles, .. Small, .. flags]);

    private Task AskableAsync(int count) => File.WriteAllLinesAsync(
        Path.Combine(_folder.Path, "questions.jsonl"),
        Enumerable.Range(1, count).Select(number => $$"""{"question": "Question {{number}}: say the number and why."}"""));

    private async Task<string> AcceptedAsync(string stage)
    {
        await using var store = new SqliteConnection($"Data Source={Path.Combine(Run, "traces.db")};Pooling=False");
        await store.OpenAsync();
        await using var command = store.CreateCommand();
        command.CommandText = "SELECT count(*) FROM verdicts WHERE outcome = 'Accepted' AND stage = $stage";
        command.Parameters.AddWithValue("$stage", stage);
        return $"{await command.ExecuteScalarAsync()}";
    }
}
