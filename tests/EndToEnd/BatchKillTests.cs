using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Orca.EndToEnd.Tests;

/// <summary>Collecting in batches from <c>orca teacher</c>, both processes of their own, and killed at each stage of a batch.</summary>
public sealed class BatchKillTests : IDisposable
{
    private const int Questions = 40;

    private readonly TestFolder folder = new();

    /// <summary>Where money and answers are at stake; the others are run by <c>-explicit only -class "*BatchKillTests*"</c>.</summary>
    public static IEnumerable<TheoryDataRow<string, bool>> Stages { get; } =
    [
        new("POST /v1/files", false) { Explicit = true },
        new("POST /v1/files", true) { Explicit = true },
        new("POST /v1/batches", false) { Explicit = true },
        new("POST /v1/batches", true),
        new("GET /v1/batches/batch_", false) { Explicit = true },
        new("GET /v1/batches/batch_", true) { Explicit = true },
        new("GET /v1/files/", false),
        new("GET /v1/files/", true) { Explicit = true },
    ];

    /// <param name="stage">The call at which the collector is killed.</param>
    /// <param name="isAnswered">Whether the teacher has heard the call, and answered to nobody; else it never hears of it.</param>
    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Killed_at_a_stage_it_goes_on_pays_for_nothing_twice_and_loses_nothing(string stage, bool isAnswered)
    {
        File.WriteAllText(Path.Combine(folder.Path, "teacher.json"), JsonSerializer.Serialize(new
        {
            questionsAhead = 1_000,
            models = new[] { new { name = "expert", priceIn = 30, priceOut = 60 } },
        }));
        await using var teacher = OrcaProcess.Start(
            folder.Path, "teacher", "teacher.json", "--port", "0", "--books", "books.json", "--state", "state");
        var address = new Uri((await teacher.LineAsync("OpenAI-compatible HTTP on ")).Split(' ')[^1]);

        await using (var proxy = await KillingProxy.StartAsync(address, stage, isAnswered))
        {
            await using var collecting = Collect(proxy.Endpoint);
            await proxy.Reached.WaitAsync(TimeSpan.FromMinutes(10), TestContext.Current.CancellationToken);
            collecting.Signal("KILL");
            await collecting.EndAsync();
        }

        await using (var again = Collect(address))
        {
            var ended = await again.EndAsync();
            Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        }

        teacher.Signal("TERM");
        await teacher.EndAsync();
        using var books = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "books.json")));
        var row = Assert.Single(books.RootElement.GetProperty("rows").EnumerateArray());
        Assert.True(row.GetProperty("isBatch").GetBoolean());
        Assert.Equal((Questions, Questions), (row.GetProperty("calls").GetInt32(), row.GetProperty("answered").GetInt32()));
        Assert.Equal((Questions, Questions), (Count("answers"), Count("verdicts WHERE outcome = 'Accepted'")));
        Assert.Equal(row.GetProperty("amount").GetDecimal(), Spent());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    private OrcaProcess Collect(Uri address) => OrcaProcess.Start(
        folder.Path,
        "daemon", "--roles", "collect", "--run", "run", "--teacher", "openai", "--set", $"teacher.baseUrl={new Uri(address, "/v1")}",
        "--set", "teacher.model=expert", "--set", "teacher.batch=true", "--set", "teacher.batchGatherSeconds=0.3",
        "--set", "teacher.batchPollSeconds=0.1", "--set", "teacher.priceIn=30", "--set", "teacher.priceOut=60",
        "--set", "curriculum.assistantLessons=0", "--set", $"curriculum.expertLessons={Questions}");

    private int Count(string rows) => (int)(long)Query($"SELECT count(*) FROM {rows}");

    // The ledger counts in millionths of a millionth of a dollar.
    private decimal Spent() => (long)Query("SELECT sum(cost) FROM attempts") / 1_000_000_000_000m;

    private object Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "run", "traces.db")};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}
