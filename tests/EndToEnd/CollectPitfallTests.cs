using Microsoft.Data.Sqlite;
using Orca.Streams.Tests.Support;

namespace Orca.EndToEnd.Tests;

/// <summary>What went wrong in other collectors, by the numbers of docs/pitfalls.md, against the program as a user starts it.</summary>
public sealed class CollectPitfallTests : IDisposable
{
    private const int Questions = 1_000;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pitfall_1_A_storm_of_429_costs_no_question_and_no_patience()
    {
        await using var teacher = new ChatServer(number => number % 4 == 0
            ? Reply(number)
            : ChatServer.Http(429, """{"error": {"message": "slow down", "code": "rate_limit"}}""", "retry-after-ms: 20\r\n"));

        var ended = await CollectAsync(teacher, "--accept", "40");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.DoesNotContain("left out", ended.Output);
        Assert.Equal("40", await ScalarAsync("SELECT count(*) FROM verdicts WHERE outcome = 'Accepted'"));
    }

    [Fact]
    public async Task Pitfall_2_Killed_again_and_again_no_paid_answer_is_lost_or_paid_twice_but_those_in_flight()
    {
        const int Kills = 6;
        const int Parallel = 4;
        await using var teacher = new ChatServer(Reply);
        var (random, inFlight) = (new Random(2), 0L);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var orca = OrcaProcess.Start(
                _folder.Path, await ArgumentsAsync(teacher, ["--set", $"teacher.parallel={Parallel}"]));
            var asked = Asked(teacher);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (Asked(teacher) == asked)
            {
                await Task.Delay(5, patience.Token);
            }

            await Task.Delay(random.Next(30), TestContext.Current.CancellationToken);
            orca.Signal("KILL");
            await orca.EndAsync();
            inFlight += await CountAsync("SELECT count(*) FROM requests LEFT JOIN answers ON request = key WHERE request IS NULL");
        }

        var ended = await CollectAsync(teacher, "--set", $"teacher.parallel={Parallel}");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        var questions = await CountAsync("SELECT count(*) FROM requests");
        Assert.InRange(questions, Questions * 0.95, Questions);
        Assert.Equal($"{questions}", await ScalarAsync("SELECT count(*) FROM answers"));
        Assert.Equal($"{questions}", await ScalarAsync("SELECT count(*) FROM verdicts WHERE outcome = 'Accepted'"));
        Assert.InRange(Asked(teacher), questions, questions + inFlight);
    }

    [Fact]
    public async Task Pitfall_7_Empty_and_cut_answers_are_kept_as_they_came_and_taught_to_nobody()
    {
        await using var teacher = new ChatServer(number => (number % 3) switch
        {
            0 => ChatServer.Reply(""),
            1 => ChatServer.Reply($"It begins with {number} and", finish: "length"),
            _ => Reply(number),
        });

        var ended = await CollectAsync(teacher, "--candidates", "30");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("10 traces accepted", ended.Output);
        Assert.Equal("30", await ScalarAsync("SELECT count(*) FROM answers"));
        Assert.Equal("10", await ScalarAsync("SELECT count(*) FROM verdicts WHERE screen = 'finish'"));
        Assert.Equal("10", await ScalarAsync("SELECT count(*) FROM verdicts WHERE screen = 'empty'"));
    }

    [Fact]
    public async Task Pitfall_13_A_request_that_fails_before_it_is_answered_is_paid_and_counted_once()
    {
        // Every other attempt breaks: in a status, or in the middle of the answer.
        await using var teacher = new ChatServer(number => (number % 4) switch
        {
            0 => ChatServer.Http(500, """{"error": {"message": "internal error"}}"""),
            2 => Reply(number)[..^20],
            _ => Reply(number),
        });

        var ended = await CollectAsync(teacher, "--accept", "10", "--set", "teacher.retries=20");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Equal("10", await ScalarAsync("SELECT count(*) FROM verdicts WHERE outcome = 'Accepted'"));
        Assert.Equal("10", await ScalarAsync("SELECT count(DISTINCT body) FROM answers"));
        Assert.Equal($"{10 * 20}", await ScalarAsync("SELECT sum(completion_tokens) FROM answers"));
    }

    private static string Reply(int number) => ChatServer.Reply($"It is asked, so the answer is number {number}.");

    private static int Asked(ChatServer teacher)
    {
        lock (teacher.Requests)
        {
            return teacher.Requests.Count;
        }
    }

    private async Task<Ended> CollectAsync(ChatServer teacher, params string[] flags) =>
        await OrcaProcess.RunAsync(_folder.Path, await ArgumentsAsync(teacher, flags));

    private async Task<string[]> ArgumentsAsync(ChatServer teacher, string[] flags)
    {
        await File.WriteAllLinesAsync(
            Path.Combine(_folder.Path, "questions.jsonl"),
            Enumerable.Range(1, Questions).Select(number => $$"""{"question": "Question {{number}}: say the number and why."}"""));
        return
        [
            "collect", "--teacher", "openai", "--tasks", "jsonl:questions.jsonl", "--set", $"teacher.baseUrl={teacher.BaseUrl}",
            "--set", "curriculum.assistantLessons=0", .. flags,
        ];
    }

    private async Task<long> CountAsync(string sql) =>
        long.Parse(await ScalarAsync(sql), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> ScalarAsync(string sql)
    {
        await using var store = new SqliteConnection(
            $"Data Source={Path.Combine(_folder.Path, "runs", "default", "traces.db")};Pooling=False");
        await store.OpenAsync();
        await using var command = store.CreateCommand();
        command.CommandText = sql;
        return $"{await command.ExecuteScalarAsync()}";
    }
}
