using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Orca.EndToEnd.Tests;

/// <summary>A collection whose process is killed at any moment, again and again, ends as one that nobody disturbed.</summary>
public sealed class KilledCollectionTests(ITestOutputHelper output) : IDisposable
{
    private const int Questions = 400;

    // What says when, how long or in which order, and what numbers rows.
    private static readonly string[] OfTheMoment =
        ["key", "request", "asked_at", "times_asked", "latency_ticks", "answered_at", "judged_at", "place"];

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task Killed_five_times_nothing_stored_is_asked_again_and_answers_and_verdicts_are_the_same() => HoldsAsync(kills: 5);

    /// <summary><c>ORCA_KILLS=1000 Orca.EndToEnd.Tests -explicit only -method "*Killed_many_times*" -showLiveOutput</c>.</summary>
    [Fact(Explicit = true)]
    public Task Killed_many_times_it_is_so_too() =>
        HoldsAsync(int.Parse(Environment.GetEnvironmentVariable("ORCA_KILLS") ?? "1000", CultureInfo.InvariantCulture));

    private async Task HoldsAsync(int kills)
    {
        await using var teacher = await CountingTeacher.StartAsync();
        var random = new Random(5);
        await CollectAsync(teacher, "whole");
        var whole = await RowsAsync("whole");
        // Some are held out for exams, and never asked.
        Assert.InRange(whole.Count, Questions * 9 / 10, Questions);
        Assert.Equal((whole.Count, whole.Count), (teacher.Asked.Count, teacher.Asked.Distinct().Count()));

        var (killed, rounds, lost) = (0, 0, 0);
        while (killed < kills)
        {
            var run = string.Create(CultureInfo.InvariantCulture, $"killed-{rounds++}");
            var (ofThisRun, inFlight) = await KillAsync(teacher, run, random, kills - killed);
            await CollectAsync(teacher, run);
            killed += ofThisRun;
            lost += inFlight;

            // A question is asked once, and once more for each kill that came while it was in flight.
            Assert.Equal(whole.Count + inFlight, teacher.Asked.Count);
            Assert.Equal(whole, await RowsAsync(run));
        }

        output.WriteLine($"{killed} kills in {rounds} runs of {whole.Count} questions; {lost} calls in flight at a kill, 0 answers asked "
            + "again");
    }

    /// <summary>Starts it and kills it until it ends by itself, or was killed as often as it may.</summary>
    /// <returns>Kills, and calls that were made and whose answers were not stored when a kill came.</returns>
    private async Task<(int Kills, int InFlight)> KillAsync(CountingTeacher teacher, string run, Random random, int most)
    {
        teacher.Forget();
        var (kills, inFlight) = (0, 0);
        while (kills < most)
        {
            await using var orca = OrcaProcess.Start(folder.Path, Arguments(teacher, run));
            var ended = orca.EndAsync();
            var begun = teacher.Asked.Count;
            var whileItStarts = random.Next(10) == 0;
            while (teacher.Asked.Count == begun && !ended.IsCompleted && !whileItStarts)
            {
                await Task.Delay(20);
            }

            await Task.WhenAny(ended, Task.Delay(random.Next(whileItStarts ? 600 : 150)));
            if (ended.IsCompleted)
            {
                break;
            }

            orca.Signal("KILL");
            await ended;
            kills++;

            var stored = await StoredAsync(run);
            Assert.Superset(stored, teacher.Asked.ToHashSet());
            var unanswered = teacher.Asked.Count - stored.Count;
            Assert.True(unanswered >= inFlight, $"an answer was stored twice: {teacher.Asked.Count} calls, {stored.Count} answers");
            inFlight = unanswered;
        }

        return (kills, inFlight);
    }

    private async Task CollectAsync(CountingTeacher teacher, string run)
    {
        var ended = await OrcaProcess.RunAsync(folder.Path, Arguments(teacher, run));
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
    }

    private string[] Arguments(CountingTeacher teacher, string run)
    {
        CountingTeacher.WriteQuestions(Path.Combine(folder.Path, "questions.jsonl"), Questions);
        return
        [
            "daemon", "--roles", "collect", "--run", run, "--teacher", "openai", "--tasks", "jsonl:questions.jsonl",
            "--set", $"teacher.baseUrl={teacher.Address}", "--set", "curriculum.assistantLessons=0", "--set", "teacher.keyVariable=PATH",
        ];
    }

    private async Task<HashSet<int>> StoredAsync(string run)
    {
        if (!File.Exists(Path.Combine(folder.Path, run, "traces.db")))
        {
            return [];
        }

        await using var store = await OpenAsync(run);
        await using var command = store.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'answers'";
        if ((long)(await command.ExecuteScalarAsync())! == 0)
        {
            return [];
        }

        command.CommandText = "SELECT completion_tokens FROM answers";
        await using var reader = await command.ExecuteReaderAsync();
        var questions = new HashSet<int>();
        while (await reader.ReadAsync())
        {
            Assert.True(questions.Add(CountingTeacher.QuestionOf(reader.GetInt64(0))), "an answer is stored twice");
        }

        return questions;
    }

    /// <summary>Every request with its answer and verdict, by request id: all columns but those of the moment, each as text.</summary>
    private async Task<SortedDictionary<string, string>> RowsAsync(string run)
    {
        await using var store = await OpenAsync(run);
        await using var command = store.CreateCommand();
        command.CommandText = """
            SELECT requests.id AS of_request, requests.*, answers.*, verdicts.*
            FROM requests LEFT JOIN answers ON answers.request = requests.key LEFT JOIN verdicts ON verdicts.request = requests.key
            """;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0), string.Join('\n', Enumerable.Range(1, reader.FieldCount - 1)
                .Where(column => !OfTheMoment.Contains(reader.GetName(column)))
                .Select(column => $"{reader.GetName(column)} = {Text(reader.GetValue(column))}")));
        }

        return rows;
    }

    private async Task<SqliteConnection> OpenAsync(string run)
    {
        var store = new SqliteConnection($"Data Source={Path.Combine(folder.Path, run, "traces.db")};Mode=ReadWrite;Pooling=False");
        await store.OpenAsync();
        return store;
    }

    private static string Text(object value) => value switch
    {
        byte[] bytes => Convert.ToHexString(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
