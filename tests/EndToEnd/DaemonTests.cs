using Microsoft.Data.Sqlite;
using Orca.Streams.Tests.Support;

namespace Orca.EndToEnd.Tests;

/// <summary>The main job, small: tasks in, a trained and served student out.</summary>
public sealed class DaemonTests : IDisposable
{
    // A tiny batch, so that a run takes seconds.
    private static readonly string[] Small =
    [
        "--port", "0",
        "--set", "training.batchRows=2",
        "--set", "training.publishEverySteps=6",
        "--set", "training.warmUpSteps=2",
        "--set", "curriculum.assistantLessons=40",
        "--set", "evaluation.questionsPerTask=1",
        "--set", "evaluation.maxTokens=12",
        "--set", "evaluation.sampleEverySeconds=1",
        "--set", "evaluation.sampleQuestions=4",
        "--set", "display.everySeconds=0.5",
    ];

    private static readonly string[] LongExamination =
    [
        "--set", "evaluation.questionsPerTask=500",
        "--set", "evaluation.maxQuestions=10000",
        "--set", "evaluation.maxTokens=160",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Checkpoints => Path.Combine(_folder.Path, "runs", "default", "checkpoints");

    private string Traces => Path.Combine(_folder.Path, "runs", "default", "traces.db");

    [Fact]
    public async Task A_short_run_publishes_serves_and_examines_and_goes_on_where_it_stopped()
    {
        var first = await RunAsync("--max-steps", "12");
        Assert.True(first.Code == 0, first.Output + first.Errors);
        Assert.Contains("answered by version 1 (", first.Output);
        Assert.Contains("before: accuracy", first.Output);
        Assert.Contains("chance-corrected mean", first.Output);
        Assert.Contains("12 steps made, ended by its limit of steps", first.Output);
        Assert.Equal("step-00000012", (await File.ReadAllTextAsync(Path.Combine(Checkpoints, "latest"))).Trim());
        Assert.Equal(12, File.ReadLines(Path.Combine(_folder.Path, "runs", "default", "metrics.jsonl")).Count());
        var reports = Path.Combine(_folder.Path, "runs", "default", "reports");
        foreach (var title in new[] { "before", "after" })
        {
            var examination = Assert.Single(Directory.GetDirectories(reports, $"*-{title}"));
            Assert.NotEmpty(await File.ReadAllLinesAsync(Path.Combine(examination, "records.jsonl")));
            Assert.True(File.Exists(Path.Combine(examination, "report.html")));
        }

        Assert.Contains("# after against before", first.Output);
        // The version that was published at the end was examined before it answered.
        Assert.Contains("\"checkpoint\":\"step-00000012\"", await File.ReadAllTextAsync(Path.Combine(reports, "versions.jsonl")));
        Assert.Matches(@"served [2-9] \(step-00000012\)", first.Output);

        var second = await RunAsync("--max-steps", "15");
        Assert.True(second.Code == 0, second.Output + second.Errors);
        Assert.Contains("going on from step-00000012", second.Output);
        Assert.Contains("does not rise again; training.restartSchedule=true begins its schedule anew", second.Output);
        Assert.Contains("15 steps made", second.Output);
        Assert.Equal(15, File.ReadLines(Path.Combine(_folder.Path, "runs", "default", "metrics.jsonl")).Count());
        Assert.Equal((0, 0), await LostAndDoubledAsync());
    }

    // Its own examination asks 32 questions at once, as many as a flood from outside would.
    [Fact]
    public async Task A_server_that_has_room_for_one_request_ends_neither_examination_nor_training()
    {
        var ended = await RunAsync("--max-steps", "3", "--set", "serving.maxTenantRequests=1");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("before: accuracy", ended.Output);
        Assert.Contains("3 steps made, ended by its limit of steps", ended.Output);
    }

    [Fact]
    public async Task A_teacher_that_is_given_up_ends_no_training()
    {
        await using var teacher = new ChatServer(number => number > 40
            ? ChatServer.Http(401, """{"error": {"message": "Incorrect API key provided"}}""")
            : ChatServer.Reply($"Number {number} is one more than {number - 1}, so the answer is {number}."));
        await File.WriteAllLinesAsync(
            Path.Combine(_folder.Path, "questions.jsonl"),
            Enumerable.Range(1, 200).Select(number => $$"""{"question": "Question {{number}}: say a number and why."}"""));

        var ended = await RunAsync(
            "--max-steps", "3", "--teacher", "openai", "--tasks", "jsonl:questions.jsonl", "--set", $"teacher.baseUrl={teacher.BaseUrl}",
            "--set", "curriculum.assistantLessons=0", "--set", "curriculum.screens=finish,empty");

        Assert.Contains("the teacher is given up; what it has answered is learned", ended.Output);
        Assert.Contains("3 steps made, ended by its limit of steps", ended.Output);
        Assert.Contains("Incorrect API key", ended.Errors);
        Assert.Equal(2, ended.Code);
    }

    [Fact]
    public async Task A_start_that_would_train_by_another_recipe_or_another_student_is_refused_before_anything_is_asked()
    {
        await RunAsync("--max-steps", "2");
        var asked = await AnswersAsync();

        var refused = await RunAsync("--max-steps", "4", "--set", "training.optimizer=adamW", "--set", "training.batchRows=3");

        Assert.Equal(2, refused.Code);
        Assert.Contains("training.optimizer AdamW instead of Muon, training.batchRows 3 instead of 2", refused.Errors);
        Assert.Contains("training.changeRecipe=true", refused.Errors);

        // The same shape, and weights of its own.
        var another = await RunAsync("--max-steps", "4", "--student", PublishedStudent.In(Path.Combine(_folder.Path, "another")));

        Assert.Equal(2, another.Code);
        Assert.Contains("began with other weights than those of", another.Errors);
        Assert.Equal(asked, await AnswersAsync());
    }

    [Fact]
    public async Task A_student_that_cannot_be_published_before_it_learns_ends_the_run_with_the_reason()
    {
        Directory.CreateDirectory(Checkpoints);
        await File.WriteAllTextAsync(Path.Combine(Checkpoints, "step-00000000"), "a file where a folder must be");

        var ended = await RunAsync("--max-steps", "12");

        Assert.Equal(2, ended.Code);
        Assert.Contains("could not be published before it learns, so nothing was begun.", ended.Errors);
        Assert.Contains("step-00000000", ended.Errors);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task Ctrl_C_or_a_terminal_that_closes_ends_it_cleanly(string signal)
    {
        await using var orca = OrcaProcess.Start(_folder.Path, ["daemon", .. Small]);
        await orca.LineAsync(" step ");
        orca.Signal(signal);
        var ended = await orca.EndAsync();
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("ended by request", ended.Output);
        Assert.Empty(ended.Errors);
        Assert.True(File.Exists(Path.Combine(Checkpoints, "latest")));
    }

    [Fact]
    public async Task Ctrl_C_is_not_answered_by_an_examination_that_takes_long()
    {
        await using var orca = OrcaProcess.Start(_folder.Path, ["daemon", .. Small, .. LongExamination]);
        await orca.LineAsync("examining");
        orca.Signal("INT");
        var ended = await orca.EndAsync();
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("ended by request", ended.Output);
        Assert.DoesNotContain("report ", ended.Output);
        Assert.True(File.Exists(Path.Combine(Checkpoints, "latest")));
    }

    [Fact]
    public async Task Killed_at_any_moment_it_goes_on_and_no_answer_is_lost_or_doubled()
    {
        await using (var orca = OrcaProcess.Start(_folder.Path, ["daemon", .. Small]))
        {
            await orca.LineAsync("step-00000006");
            orca.Signal("KILL");
            await orca.EndAsync();
        }

        var answers = await AnswersAsync();
        Assert.NotEmpty(answers);
        var latest = (await File.ReadAllTextAsync(Path.Combine(Checkpoints, "latest"))).Trim();
        var steps = int.Parse(latest["step-".Length..]) + 6;

        var second = await RunAsync("--max-steps", $"{steps}");
        Assert.True(second.Code == 0, second.Output + second.Errors);
        Assert.Contains($"going on from {latest}", second.Output);
        Assert.Contains($"{steps} steps made", second.Output);
        Assert.DoesNotContain("reject the", second.Output);
        Assert.Superset(answers, await AnswersAsync());
        Assert.Equal((0, 0), await LostAndDoubledAsync());
        Assert.DoesNotContain(
            Directory.GetFileSystemEntries(Checkpoints), entry => Path.GetFileName(entry).StartsWith(".step-", StringComparison.Ordinal));
    }

    private Task<Ended> RunAsync(params string[] flags) => OrcaProcess.RunAsync(_folder.Path, ["daemon", .. Small, .. flags]);

    private async Task<HashSet<string>> AnswersAsync()
    {
        await using var store = await OpenAsync();
        await using var command = store.CreateCommand();
        command.CommandText = "SELECT requests.id || hex(answers.body) FROM answers JOIN requests ON requests.key = answers.request";
        var answers = new HashSet<string>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            answers.Add(rows.GetString(0));
        }

        return answers;
    }

    // Verdicts without an answer, and answered requests that were asked more than once.
    private async Task<(long Lost, long Doubled)> LostAndDoubledAsync()
    {
        await using var store = await OpenAsync();
        return (
            await CountAsync(store, "SELECT count(*) FROM verdicts LEFT JOIN answers USING (request) WHERE answers.request IS NULL"),
            await CountAsync(store, "SELECT count(*) FROM (SELECT id FROM requests GROUP BY id HAVING count(*) > 1)"));
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var store = new SqliteConnection($"Data Source={Traces};Pooling=False");
        await store.OpenAsync();
        return store;
    }

    private static async Task<long> CountAsync(SqliteConnection store, string sql)
    {
        await using var command = store.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
