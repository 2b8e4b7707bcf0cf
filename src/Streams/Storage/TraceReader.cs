using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Orca.Streams.Answers;
using Orca.Streams.Scoring;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>The reading statements on a connection of their own; any thread, one at a time.</summary>
internal sealed partial class TraceReader : IDisposable
{
    private const string CommandColumns = "SELECT revision, id, kind, payload, lesson, draw, step FROM commands";

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly SqliteStatement find;
    private readonly SqliteStatement accepted;
    private readonly SqliteStatement commands;
    private readonly SqliteStatement commandOf;
    private readonly SqliteStatement leftOpen;
    private readonly SqliteStatement recall;
    private readonly SqliteStatement counts;
    private readonly SqliteStatement further;
    private readonly SqliteStatement rejected;
    private readonly SqliteStatement rejectingSettings;
    private readonly SqliteStatement places;
    private readonly SqliteStatement lessons;
    private readonly SqliteStatement freshPlaces;

    public TraceReader(SqliteConnection connection)
    {
        this.connection = connection;
        find = new SqliteStatement(
            connection,
            $"SELECT {TraceColumns.All}, v.outcome FROM requests r LEFT JOIN answers a ON a.request = r.key LEFT JOIN verdicts v ON "
                + "v.request = "
                + "r.key WHERE r.id = ?1");
        accepted = new SqliteStatement(
            connection,
            $"""
            SELECT {TraceColumns.All}, v.place FROM verdicts v JOIN requests r ON r.key = v.request JOIN answers a ON a.request = v.request
            WHERE v.stage = ?1 AND v.place >= ?2 AND v.place IS NOT NULL ORDER BY v.place LIMIT ?3
            """);
        commands = new SqliteStatement(connection, $"{CommandColumns} WHERE revision > ?1 ORDER BY revision");
        commandOf = new SqliteStatement(connection, $"{CommandColumns} WHERE id = ?1");
        leftOpen = new SqliteStatement(
            connection,
            $"""
            SELECT {TraceColumns.All} FROM requests r LEFT JOIN answers a ON a.request = r.key
            WHERE r.stage = ?1 AND r.sample = 0 AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.request = r.key) ORDER BY r.key
            """);
        recall = new SqliteStatement(connection, "SELECT value FROM about WHERE name = ?1");
        counts = new SqliteStatement(connection, "SELECT outcome, stage, screen, count(*) FROM verdicts GROUP BY outcome, stage, screen");
        further = new SqliteStatement(
            connection, "SELECT count(*) FROM requests r JOIN verdicts v ON v.request = r.key WHERE r.sample > 0");
        rejected = new SqliteStatement(
            connection,
            $"""
            SELECT {TraceColumns.All}, v.screen, v.settings, v.reason, s.value
            FROM verdicts v JOIN requests r ON r.key = v.request JOIN answers a ON a.request = v.request
                LEFT JOIN scores s ON s.request = v.request AND s.name = '{JudgeScore.Name}'
            WHERE v.outcome = 'Rejected' AND v.request > ?1 ORDER BY v.request LIMIT ?2
            """);
        places = new SqliteStatement(
            connection,
            """
            SELECT v.place, r.collection, r.task, r.difficulty FROM verdicts v JOIN requests r ON r.key = v.request
            WHERE v.stage = ?1 AND v.place >= ?2 AND v.place < ?3 ORDER BY v.place
            """);
        lessons = new SqliteStatement(
            connection,
            """
            SELECT ordinal, stage, place, epoch, low, high, position FROM lessons WHERE ordinal > ?1 AND undone IS NULL
            ORDER BY ordinal LIMIT ?2
            """);
        freshPlaces = new SqliteStatement(
            connection,
            "SELECT place FROM lessons WHERE stage = ?1 AND epoch = 0 AND ordinal <= ?2 AND undone IS NULL ORDER BY ordinal");
        rejectingSettings = new SqliteStatement(connection, "SELECT DISTINCT settings FROM verdicts WHERE outcome = 'Rejected'");
    }

    public StoredRequest? Find(string requestId)
    {
        StoredRequest? found = null;
        lock (gate)
        {
            find.Read(
                row => found = new StoredRequest(
                    TraceColumns.KeyIn(row),
                    TraceColumns.HasAnswer(row) ? TraceColumns.TraceIn(row) : null,
                    row.TextOrNull(TraceColumns.Count) is { } outcome ? Enum.Parse<TraceOutcome>(outcome) : null),
                requestId);
        }

        return found;
    }

    public ImmutableArray<TeacherRequest> LeftOpen(string stage)
    {
        var found = ImmutableArray.CreateBuilder<TeacherRequest>();
        lock (gate)
        {
            leftOpen.Read(row => found.Add(TraceColumns.RequestIn(row)), stage);
        }

        return found.ToImmutable();
    }

    public KnownIds Ids()
    {
        var known = new KnownIds();
        lock (gate)
        {
            using var ids = new SqliteStatement(connection, "SELECT id FROM requests UNION ALL SELECT id FROM student_answers");
            ids.Read(row => known.Add(row.Text(0)));
        }

        return known;
    }

    public ImmutableArray<AcceptedTrace> Accepted(string stage, long from, int most)
    {
        var traces = ImmutableArray.CreateBuilder<AcceptedTrace>();
        lock (gate)
        {
            accepted.Read(
                row => traces.Add(new AcceptedTrace(row.Integer(TraceColumns.Count), TraceColumns.TraceIn(row))), stage, from, most);
        }

        return traces.ToImmutable();
    }

    public ImmutableArray<JournaledCommand> CommandsAfter(long revision)
    {
        var found = ImmutableArray.CreateBuilder<JournaledCommand>();
        lock (gate)
        {
            commands.Read(row => found.Add(CommandIn(row)), revision);
        }

        return found.ToImmutable();
    }

    public JournaledCommand? CommandOf(string id)
    {
        JournaledCommand? found = null;
        lock (gate)
        {
            commandOf.Read(row => found = CommandIn(row), id);
        }

        return found;
    }

    /// <summary>Of accepted traces of a stage, those with places from one up to another, what they are of.</summary>
    public ImmutableArray<AcceptedPlace> Places(string stage, long from, long to)
    {
        var found = ImmutableArray.CreateBuilder<AcceptedPlace>();
        lock (gate)
        {
            places.Read(
                row => found.Add(new AcceptedPlace(
                    row.Integer(0), row.Text(1), row.Text(2), row.IsNull(3) ? null : row.Count(3))),
                stage, from, to);
        }

        return found.ToImmutable();
    }

    /// <summary>Lessons that were given out after one, in order.</summary>
    public ImmutableArray<LoggedLesson> Lessons(long after, int most)
    {
        var found = ImmutableArray.CreateBuilder<LoggedLesson>();
        lock (gate)
        {
            lessons.Read(
                row => found.Add(new LoggedLesson(row.Integer(0), row.Text(1), row.Integer(2))
                {
                    Epoch = row.Count(3),
                    Low = row.Integer(4),
                    High = row.Integer(5),
                    Position = row.Integer(6),
                }),
                after, most);
        }

        return found.ToImmutable();
    }

    /// <summary>Places of a stage's fresh lessons, in the order in which they were given, up to a lesson.</summary>
    public ImmutableArray<long> FreshPlaces(string stage, long last)
    {
        var found = ImmutableArray.CreateBuilder<long>();
        lock (gate)
        {
            freshPlaces.Read(row => found.Add(row.Integer(0)), stage, last);
        }

        return found.ToImmutable();
    }

    public string? Recall(string name)
    {
        lock (gate)
        {
            string? value = null;
            recall.Read(row => value = row.Text(0), name);
            return value;
        }
    }

    public StoreCounts Counts()
    {
        var total = new StoreCounts();
        lock (gate)
        {
            counts.Read(row => total = Add(total, row));
            total = total with { Further = further.Integer(), Skipped = StudentStatements.Figures(connection).Skipped };
        }

        return total;
    }

    /// <summary>Settings by which traces were rejected; null among them where those of some are not known.</summary>
    public ImmutableHashSet<string?> RejectingSettings()
    {
        var settings = ImmutableHashSet.CreateBuilder<string?>();
        lock (gate)
        {
            rejectingSettings.Read(row => settings.Add(row.TextOrNull(0)));
        }

        return settings.ToImmutable();
    }

    /// <summary>Rejected traces with a key above <paramref name="after"/>, in order.</summary>
    public ImmutableArray<RejectedTrace> Rejected(long after, int most)
    {
        var traces = ImmutableArray.CreateBuilder<RejectedTrace>();
        lock (gate)
        {
            rejected.Read(
                row => traces.Add(new RejectedTrace(
                    row.Integer(0), TraceColumns.TraceIn(row) with { Judgement = JudgementIn(row, TraceColumns.Count + 3) },
                    row.Text(TraceColumns.Count), row.TextOrNull(TraceColumns.Count + 1), row.TextOrNull(TraceColumns.Count + 2) ?? "")),
                after, most);
        }

        return traces.ToImmutable();
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var statement in new[]
                     {
                         find, accepted, commands, commandOf, leftOpen, recall, counts, further, rejected, rejectingSettings, places,
                         lessons, freshPlaces,
                     })
            {
                statement.Dispose();
            }

            connection.Dispose();
        }
    }

    private static AnswerVerdict? JudgementIn(SqliteRow row, int column) =>
        row.IsNull(column) ? null : JudgeScore.VerdictOf(row.Real(column));

    private static JournaledCommand CommandIn(SqliteRow row) =>
        new(row.Integer(0), row.Text(1), row.Text(2), row.Text(3))
        {
            Lesson = row.IntegerOrNull(4),
            Draw = row.IntegerOrNull(5),
            Step = row.IntegerOrNull(6),
        };

    private static StoreCounts Add(StoreCounts total, SqliteRow row)
    {
        var count = row.Integer(3);
        return Enum.Parse<TraceOutcome>(row.Text(0)) switch
        {
            TraceOutcome.Accepted => total with { AcceptedByStage = Plus(total.AcceptedByStage, row.Text(1), count) },
            TraceOutcome.Rejected => total with { RejectedByScreen = Plus(total.RejectedByScreen, row.Text(2), count) },
            _ => total with { Failed = total.Failed + count },
        };
    }

    private static ImmutableSortedDictionary<string, long> Plus(ImmutableSortedDictionary<string, long> counts, string name, long count) =>
        counts.SetItem(name, counts.GetValueOrDefault(name) + count);
}
