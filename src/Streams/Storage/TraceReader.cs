using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>The reading statements on a connection of their own; any thread, one at a time.</summary>
internal sealed class TraceReader : IDisposable
{
    private const string Columns = """
        r.key, r.stage, r.system_message, r.query_id, r.collection, r.task, r.prompt, r.gold_answers, r.answer_kind, r.explanation,
        r.prescribed_message, r.chance, r.difficulty,
        a.response, a.finish, a.teacher, a.prompt_tokens, a.completion_tokens, a.cost, a.latency_ticks
        """;

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly SqliteStatement find;
    private readonly SqliteStatement accepted;
    private readonly SqliteStatement commands;
    private readonly SqliteStatement recall;
    private readonly SqliteStatement counts;

    public TraceReader(SqliteConnection connection)
    {
        this.connection = connection;
        find = new SqliteStatement(
            connection,
            $"SELECT {Columns}, v.outcome FROM requests r LEFT JOIN answers a ON a.request = r.key LEFT JOIN verdicts v ON v.request = "
                + "r.key WHERE r.id = $1");
        accepted = new SqliteStatement(
            connection,
            $"""
            SELECT {Columns}, v.place FROM verdicts v JOIN requests r ON r.key = v.request JOIN answers a ON a.request = v.request
            WHERE v.stage = $1 AND v.place >= $2 AND v.place IS NOT NULL ORDER BY v.place LIMIT $3
            """);
        commands = new SqliteStatement(
            connection, "SELECT revision, id, kind, payload FROM commands WHERE revision > $1 ORDER BY revision");
        recall = new SqliteStatement(connection, "SELECT value FROM about WHERE name = $1");
        counts = new SqliteStatement(connection, "SELECT outcome, stage, screen, count(*) FROM verdicts GROUP BY outcome, stage, screen");
    }

    public StoredRequest? Find(string requestId)
    {
        StoredRequest? found = null;
        lock (gate)
        {
            find.Read(
                null,
                row => found = new StoredRequest(
                    row.GetInt64(0),
                    row.IsDBNull(13) ? null : TraceIn(row),
                    row.IsDBNull(20) ? null : Enum.Parse<TraceOutcome>(row.GetString(20))),
                requestId);
        }

        return found;
    }

    public ImmutableArray<AcceptedTrace> Accepted(string stage, long from, int most)
    {
        var traces = ImmutableArray.CreateBuilder<AcceptedTrace>();
        lock (gate)
        {
            accepted.Read(null, row => traces.Add(new AcceptedTrace(row.GetInt64(20), TraceIn(row))), stage, from, most);
        }

        return traces.ToImmutable();
    }

    public ImmutableArray<JournaledCommand> CommandsAfter(long revision)
    {
        var found = ImmutableArray.CreateBuilder<JournaledCommand>();
        lock (gate)
        {
            commands.Read(
                null, row => found.Add(new JournaledCommand(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3))),
                revision);
        }

        return found.ToImmutable();
    }

    public string? Recall(string name)
    {
        lock (gate)
        {
            return recall.Scalar(null, name) as string;
        }
    }

    public StoreCounts Counts()
    {
        var total = new StoreCounts();
        lock (gate)
        {
            counts.Read(null, row => total = Add(total, row));
        }

        return total;
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var statement in new[] { find, accepted, commands, recall, counts })
            {
                statement.Dispose();
            }

            connection.Dispose();
        }
    }

    private static StoreCounts Add(StoreCounts total, SqliteDataReader row)
    {
        var count = row.GetInt64(3);
        return Enum.Parse<TraceOutcome>(row.GetString(0)) switch
        {
            TraceOutcome.Accepted => total with { AcceptedByStage = Plus(total.AcceptedByStage, row.GetString(1), count) },
            TraceOutcome.Rejected => total with { RejectedByScreen = Plus(total.RejectedByScreen, row.GetString(2), count) },
            _ => total with { Failed = total.Failed + count },
        };
    }

    private static ImmutableSortedDictionary<string, long> Plus(ImmutableSortedDictionary<string, long> counts, string name, long count) =>
        counts.SetItem(name, counts.GetValueOrDefault(name) + count);

    private static Trace TraceIn(SqliteDataReader row) => new()
    {
        Request = new TeacherRequest
        {
            Stage = row.GetString(1),
            SystemMessage = row.GetString(2),
            Query = new TaskQuery
            {
                Id = row.GetString(3),
                Collection = row.GetString(4),
                Task = row.GetString(5),
                Prompt = row.GetString(6),
                GoldAnswers = JsonSerializer.Deserialize<ImmutableArray<string>>(row.GetString(7)),
                AnswerKind = Enum.Parse<AnswerKind>(row.GetString(8)),
                Explanation = row.IsDBNull(9) ? null : row.GetString(9),
                SystemMessage = row.IsDBNull(10) ? null : row.GetString(10),
                Chance = row.IsDBNull(11) ? null : row.GetDouble(11),
                Difficulty = row.IsDBNull(12) ? null : row.GetInt32(12),
            },
        },
        Response = row.GetString(13),
        Finish = Enum.Parse<TeacherFinish>(row.GetString(14)),
        Teacher = row.GetString(15),
        PromptTokens = row.GetInt32(16),
        CompletionTokens = row.GetInt32(17),
        Cost = decimal.Parse(row.GetString(18), CultureInfo.InvariantCulture),
        Latency = TimeSpan.FromTicks(row.GetInt64(19)),
    };
}
