using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orca.Streams.Tests.Support;

namespace Orca.EndToEnd.Tests;

/// <summary>Several answers to a question, of which the best is kept, by agreement, a judge and a student's loss.</summary>
public sealed class ChoosingTests : IDisposable
{
    private const int Questions = 8;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_three_answers_to_each_question_one_that_the_judge_finds_right_is_kept_and_everything_is_paid_for()
    {
        await using var teacher = new ChatServer(
            number => ChatServer.Reply(number % 3 == 0 ? "Nobody came." : "It was somebody of great age."));
        await using var judge = new ChatServer(_ => ChatServer.Reply("It says the same.\nVerdict: right"));

        var ended = await CollectAsync(teacher, judge, "--set", "teacher.answers=3", "--set", "teacher.priceOut=1000");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.StartsWith($"{Questions} traces accepted", ended.Output.Split('\n')[^1]);
        Assert.Equal(3 * Questions, teacher.Requests.Count);
        Assert.InRange(judge.Requests.Count, Questions, 3 * Questions);
        Assert.Equal(
            [("Accepted", Questions), ("Rejected", 2 * Questions)],
            await RowsAsync("SELECT outcome, count(*) FROM verdicts GROUP BY outcome ORDER BY outcome"));
        var calls = 3 * Questions + judge.Requests.Count;
        Assert.Equal(
            [("Run", calls * 20)], await RowsAsync("SELECT scope, spent / 1000000000 FROM spending WHERE scope = 'Run'"));
    }

    [Fact]
    public async Task A_judge_that_has_its_own_budget_stops_there_and_the_run_goes_on()
    {
        await using var teacher = new ChatServer(_ => ChatServer.Reply("It was somebody of great age."));
        await using var judge = new ChatServer(_ => ChatServer.Reply("Verdict: right"));

        var ended = await CollectAsync(
            teacher, judge, "--set", "teacher.priceOut=1000", "--set", "teacher.maxTokens=20", "--set", "teacher.stageBudgets=judge=0.07",
            "--set", "teacher.parallel=1");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Equal(3, judge.Requests.Count);
        Assert.Contains("The budget of the stage 'judge' is used up", ended.Output);
        Assert.StartsWith($"{Questions} traces accepted", ended.Output.Split('\n')[^1]);
    }

    [Fact]
    public async Task The_loss_of_a_student_behind_a_server_is_kept_with_every_answer_and_can_decide()
    {
        var student = Path.Combine(_folder.Path, "student");
        SpellingStudent.Publish(student, "Answer: 12", context: 512);
        await using var server = OrcaProcess.Start(_folder.Path, "serve", student, "--port", "0");
        var address = (await server.LineAsync("serving on ")).Split(' ')[^1];
        await server.LineAsync("answers");
        await using var teacher = new ChatServer(number => ChatServer.Reply(number % 2 == 0 ? "Nobody came." : "Answer: 12"));

        var ended = await CollectAsync(
            teacher, null, "--set", "teacher.answers=2", "--set", "teacher.best=-loss", "--set", $"curriculum.student={address}",
            "--set", "teacher.parallel=1");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Equal([("loss", 2 * Questions)], await RowsAsync("SELECT name, count(*) FROM scores GROUP BY name"));
        Assert.Equal(
            [("kept", Questions)],
            await RowsAsync(
                """
                SELECT 'kept', count(*) FROM verdicts v JOIN requests r ON r.key = v.request JOIN scores s ON s.request = v.request
                WHERE v.outcome = 'Accepted' AND s.value = (
                    SELECT min(o.value) FROM scores o JOIN requests q ON q.key = o.request WHERE q.query_id = r.query_id)
                """));
    }

    [Fact]
    public async Task Where_no_student_answers_yet_it_is_told_that_answers_wait_for_its_loss()
    {
        await using var run = OrcaProcess.Start(
            _folder.Path, "daemon", "--roles", "collect,serve", "--port", "0", "--set", "serving.httpPort=0",
            "--set", "curriculum.scores=loss");

        Assert.Contains("until there is a checkpoint", await run.LineAsync("answers wait for their score 'loss'"));
    }

    [Theory]
    [InlineData(
        "names what is no address", "Setting 'curriculum.student' is 'a:b:c'", "--set", "curriculum.scores=loss",
        "--set", "curriculum.student=a:b:c")]
    [InlineData("has a student's loss but no student", "give the address of one", "--set", "curriculum.scores=loss")]
    [InlineData(
        "names a server that is not there", "No server answers at 127.0.0.1:1", "--set", "curriculum.scores=loss",
        "--set", "curriculum.student=127.0.0.1:1")]
    [InlineData("asks several times at temperature 0", "temperature 0", "--set", "teacher.answers=2", "--set", "teacher.temperature=0")]
    [InlineData("names a judge that is no endpoint", "names the endpoint 'nobody'", "--set", "teacher.judgeEndpoints=nobody")]
    public async Task What_cannot_be_is_refused_before_anything_is_asked(string what, string remedy, params string[] flags)
    {
        await using var teacher = new ChatServer(_ => ChatServer.Reply("It was somebody."));

        var ended = await CollectAsync(teacher, null, flags);

        Assert.True(ended.Mistake().Contains(remedy, StringComparison.Ordinal), $"{what}: {ended.Mistake()}");
        Assert.Empty(teacher.Requests);
    }

    private async Task<Ended> CollectAsync(ChatServer teacher, ChatServer? judge, params string[] flags)
    {
        await File.WriteAllLinesAsync(
            Path.Combine(_folder.Path, "questions.jsonl"),
            Enumerable.Range(0, 20).Select(number => JsonSerializer.Serialize(new
            {
                prompt = $"Who came in through the door of house number {number}, and was seen by nobody?",
                answer = "An old man with a long grey coat and a hat came in, and nobody in the house saw him.",
            })));
        var endpoints = new List<object> { new { name = "teacher", url = teacher.BaseUrl.ToString(), model = "m" } };
        if (judge is not null)
        {
            endpoints.Add(new { name = "judge", url = judge.BaseUrl.ToString(), model = "j" });
        }

        return await OrcaProcess.RunAsync(
            _folder.Path,
            [
                "collect", "--teacher", "openai", "--tasks", "jsonl:questions.jsonl", "--accept", $"{Questions}",
                "--set", $"teacher.endpoints={JsonSerializer.Serialize(endpoints)}", "--set", "teacher.expertEndpoints=teacher",
                "--set", "curriculum.assistantLessons=0", "--set", "curriculum.screens=finish,empty,gold-answer",
                .. judge is null ? Enumerable.Empty<string>() : ["--set", "teacher.judgeEndpoints=judge"],
                .. flags,
            ]);
    }

    private async Task<List<(string, long)>> RowsAsync(string query)
    {
        await using var traces = new SqliteConnection(
            $"Data Source={Path.Combine(_folder.Path, "runs", "default", "traces.db")};Mode=ReadOnly;Pooling=False");
        await traces.OpenAsync();
        await using var command = traces.CreateCommand();
        command.CommandText = query;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, long)>();
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }
}
