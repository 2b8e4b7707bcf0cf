using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Storage.Migrations;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>Looks at a store from outside, also while a run writes to it. One thread.</summary>
/// <remarks>What is read together is of one moment only within one call.</remarks>
public sealed class StoredTraces : IDisposable
{
    private const int PageSize = 256;

    private const string From = $"""
        FROM requests r LEFT JOIN answers a ON a.request = r.key LEFT JOIN verdicts v ON v.request = r.key
        WHERE (?1 IS NULL OR coalesce(v.outcome, CASE WHEN a.request IS NULL THEN 'Asked' ELSE 'Answered' END) = ?1)
            AND (r.stage = ?2 OR (?2 IS NULL AND r.stage NOT IN ('{TeacherRequest.JudgeStage}', '{TeacherRequest.PracticeStage}')))
            AND (?3 IS NULL OR r.collection = ?3) AND (?4 IS NULL OR r.task = ?4)
            AND (?5 IS NULL OR a.teacher = ?5) AND (?6 IS NULL OR v.screen = ?6)
        """;

    private static readonly string Columns = $"""
        {TraceColumns.All}, r.id, r.times_asked, r.asked_at, a.answered_at,
        v.outcome, v.place, v.screen, v.settings, v.reason, v.judged_at, v.screens, v.arm
        """;

    private readonly SqliteConnection connection;
    private readonly SqliteStatement page;
    private readonly SqliteStatement one;
    private readonly SqliteStatement former;

    private StoredTraces(SqliteConnection connection)
    {
        this.connection = connection;
        page = new SqliteStatement(connection, $"SELECT {Columns} {From} AND r.key > ?7 ORDER BY r.key LIMIT ?8");
        one = new SqliteStatement(
            connection,
            $"""
            SELECT {Columns} FROM requests r LEFT JOIN answers a ON a.request = r.key LEFT JOIN verdicts v ON v.request = r.key
            WHERE r.id >= ?1 AND r.id < ?1 || 'g' ORDER BY r.id LIMIT 2
            """);
        former = new SqliteStatement(
            connection,
            """
            SELECT outcome, NULL, screen, settings, reason, judged_at, screens, arm FROM former_verdicts WHERE request = ?1
            ORDER BY rowid
            """);
    }

    /// <summary>The fields by which requests can be counted.</summary>
    public static ImmutableArray<string> Fields { get; } = ["state", "stage", "collection", "task", "teacher", "screen"];

    /// <summary>Opens the store at a path, which is brought up to date where an earlier version of the program wrote it.</summary>
    /// <exception cref="TraceStoreException">There is none, or it cannot be read.</exception>
    public static StoredTraces Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new TraceStoreException($"There is no trace store '{path}'; give the folder of a run that has collected.");
        }

        SqliteConnection? connection = null;
        try
        {
            connection = StoreFile.OpenReader(path);
            if ((long)connection.Scalar("PRAGMA user_version")! != Migration.Latest)
            {
                connection.Dispose();
                TraceStore.BringUpToDate(path);
                connection = StoreFile.OpenReader(path);
            }

            return new StoredTraces(connection);
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw StoreFault.Opening(path, failure);
        }
    }

    /// <summary>The key of the last request; 0 for none.</summary>
    public long LastKey => (long)connection.Scalar("SELECT coalesce(max(key), 0) FROM requests")!;

    /// <summary>
    /// Requests in the order in which they were asked first; read as they are taken. What a judge was asked, and what the student
    /// answered to practise, is among them only where the filter names its stage.
    /// </summary>
    public IEnumerable<StoredTrace> Read(TraceFilter filter)
    {
        var last = filter.After;
        var found = new List<StoredTrace>(PageSize);
        do
        {
            found.Clear();
            page.Read(row => found.Add(TraceIn(row)), [.. Values(filter), last, PageSize]);
            foreach (var trace in found)
            {
                last = trace.Key;
                yield return trace;
            }
        }
        while (found.Count == PageSize);
    }

    /// <summary>The request with this id, or the only one whose id begins so.</summary>
    /// <exception cref="TraceStoreException">There is none, or there are several.</exception>
    public StoredTrace Find(string id)
    {
        var found = new List<StoredTrace>();
        one.Read(row => found.Add(TraceIn(row)), id);
        return found.Count switch
        {
            0 => throw new TraceStoreException($"There is no trace '{id}' in the store; 'orca traces list' shows the ids there are."),
            1 => found[0],
            _ when found[0].Id == id => found[0],
            _ => throw new TraceStoreException(
                $"Several traces have ids that begin with '{id}', such as {found[0].Id} and {found[1].Id}; give more of it."),
        };
    }

    /// <summary>Verdicts of a request that another has taken the place of, the first one first.</summary>
    public ImmutableArray<StoredVerdict> FormerVerdicts(long key)
    {
        var found = ImmutableArray.CreateBuilder<StoredVerdict>();
        former.Read(row => found.Add(VerdictIn(row, 0)), key);
        return found.ToImmutable();
    }

    /// <summary>What scorers told of a request's answer, by their names.</summary>
    public ImmutableArray<TraceScore> Scores(long key)
    {
        using var statement = new SqliteStatement(connection, "SELECT name, value FROM scores WHERE request = ?1 ORDER BY name");
        var found = ImmutableArray.CreateBuilder<TraceScore>();
        statement.Read(row => found.Add(new TraceScore(row.Text(0), row.Real(1))), key);
        return found.ToImmutable();
    }

    /// <summary>The calls made for a request, the first one first.</summary>
    public ImmutableArray<StoredAttempt> Attempts(long key) => AttemptReader.Of(connection, key);

    /// <summary>Every call, in order.</summary>
    public ImmutableArray<StoredAttempt> Attempts() => AttemptReader.All(connection);

    /// <summary>Calls that may be charged for though their reply was lost, or is under way; what they can cost stays reserved.</summary>
    public ImmutableArray<StoredAttempt> UnknownAttempts() => AttemptReader.Unknown(connection);

    /// <summary>How questions fared that the student was asked before a teacher.</summary>
    public StudentFigures Students() => StudentStatements.Figures(connection);

    /// <summary>What the run, its stages and its endpoints have spent, and what is reserved, in this order.</summary>
    public ImmutableArray<Spending> Spending() => AttemptReader.Spending(connection);

    /// <summary>Counts requests by one of <see cref="Fields"/>, the most frequent first.</summary>
    /// <exception cref="ArgumentException">There is no such field.</exception>
    public ImmutableArray<TraceCount> Count(TraceFilter filter, string field)
    {
        var name = field switch
        {
            "state" => "coalesce(v.outcome, CASE WHEN a.request IS NULL THEN 'Asked' ELSE 'Answered' END)",
            "stage" => "r.stage",
            "collection" => "r.collection",
            "task" => "r.task",
            "teacher" => "a.teacher",
            "screen" => "v.screen",
            _ => throw new ArgumentException($"'{field}' is none of {string.Join(", ", Fields)}", nameof(field)),
        };

        // Prices are added as decimals: a sum of binary fractions would not be to the cent. They are few among many calls.
        using var statement = new SqliteStatement(
            connection,
            $"""
            SELECT {name} AS name, a.cost, count(*), coalesce(sum(a.prompt_tokens), 0), coalesce(sum(a.completion_tokens), 0) {From}
            GROUP BY name, a.cost
            """);
        var counts = new Dictionary<string, TraceCount>();
        statement.Read(
            row =>
            {
                var key = row.TextOrNull(0) ?? "";
                var was = counts.GetValueOrDefault(key) ?? new TraceCount(key, 0, 0, 0, 0);
                var cost = row.TextOrNull(1) is { } price ? decimal.Parse(price, CultureInfo.InvariantCulture) * row.Integer(2) : 0;
                counts[key] = new TraceCount(
                    key, was.Traces + row.Integer(2), was.PromptTokens + row.Integer(3),
                    was.CompletionTokens + row.Integer(4), was.Cost + cost);
            },
            Values(filter));
        return [.. counts.Values.OrderByDescending(count => count.Traces).ThenBy(count => count.Name, StringComparer.Ordinal)];
    }

    /// <summary>How many traces each screen rejected, the most first.</summary>
    public ImmutableArray<ScreenRejections> Rejections()
    {
        using var statement = new SqliteStatement(
            connection,
            """
            SELECT screen, count(*) FROM verdicts WHERE outcome = 'Rejected' AND screen IS NOT NULL
            GROUP BY screen ORDER BY count(*) DESC, screen
            """);
        var counts = ImmutableArray.CreateBuilder<ScreenRejections>();
        statement.Read(row => counts.Add(new ScreenRejections(row.Text(0), row.Integer(1))));
        return counts.ToImmutable();
    }

    /// <summary>What a screen rejected last: those that were asked last, at most so many, the newest first.</summary>
    /// <remarks>Reads these alone, however large the store is.</remarks>
    public ImmutableArray<StoredTrace> RejectedLast(string screen, int atMost)
    {
        using var statement = new SqliteStatement(
            connection,
            $"""
            SELECT {Columns} FROM requests r LEFT JOIN answers a ON a.request = r.key LEFT JOIN verdicts v ON v.request = r.key
            WHERE r.key IN (
                SELECT request FROM verdicts WHERE outcome = 'Rejected' AND screen = ?1 ORDER BY request DESC LIMIT ?2)
            ORDER BY r.key DESC
            """);
        var found = ImmutableArray.CreateBuilder<StoredTrace>();
        statement.Read(row => found.Add(TraceIn(row)), screen, atMost);
        return found.ToImmutable();
    }

    /// <summary>What each screen found of the traces of the control arm, which pass whatever is found.</summary>
    public IEnumerable<ImmutableArray<ScreenVerdict>> ControlArm()
    {
        using var statement = new SqliteStatement(connection, "SELECT screens FROM verdicts WHERE arm = ?1");
        var found = new List<ImmutableArray<ScreenVerdict>>();
        statement.Read(row => found.Add(Packing.Unpack<ImmutableArray<ScreenVerdict>>(row.Bytes(0))), ScreenedTrace.ControlArm);
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        page.Dispose();
        one.Dispose();
        former.Dispose();
        connection.Dispose();
    }

    private static SqliteValue[] Values(TraceFilter filter) =>
        [filter.State?.ToString(), filter.Stage, filter.Collection, filter.Task, filter.Teacher, filter.Screen];

    private static StoredTrace TraceIn(SqliteRow row)
    {
        const int next = TraceColumns.Count;
        var verdict = row.IsNull(next + 4) ? null : VerdictIn(row, next + 4);
        var isAnswered = TraceColumns.HasAnswer(row);
        return new StoredTrace
        {
            Key = TraceColumns.KeyIn(row),
            Id = row.Text(next),
            State = verdict is not null ? Enum.Parse<TraceState>(verdict.Outcome.ToString())
                : isAnswered ? TraceState.Answered
                : TraceState.Asked,
            Request = TraceColumns.RequestIn(row),
            Answer = isAnswered ? TraceColumns.TraceIn(row) : null,
            TimesAsked = row.Count(next + 1),
            AskedAt = TimeIn(row.Text(next + 2)),
            AnsweredAt = row.TextOrNull(next + 3) is { } time ? TimeIn(time) : null,
            Verdict = verdict,
        };
    }

    private static StoredVerdict VerdictIn(SqliteRow row, int first) => new()
    {
        Outcome = Enum.Parse<TraceOutcome>(row.Text(first)),
        Place = row.IsNull(first + 1) ? null : row.Integer(first + 1),
        Screen = row.TextOrNull(first + 2),
        Settings = row.TextOrNull(first + 3),
        Reason = row.TextOrNull(first + 4),
        JudgedAt = TimeIn(row.Text(first + 5)),
        Screens = Packing.Unpack<ImmutableArray<ScreenVerdict>>(row.Bytes(first + 6)),
        Arm = row.TextOrNull(first + 7),
    };

    private static DateTimeOffset TimeIn(string text) => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture);
}
