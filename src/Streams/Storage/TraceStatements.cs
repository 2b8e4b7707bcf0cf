using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orca.Streams.Answers;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>The writing statements, prepared once; used by the writer's loop alone.</summary>
internal sealed class TraceStatements : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly TimeProvider time;
    private readonly Dictionary<string, long> places = [];
    private readonly SqliteStatement ask;
    private readonly SqliteStatement answer;
    private readonly SqliteStatement settle;
    private readonly SqliteStatement journal;
    private readonly SqliteStatement remember;
    private readonly SqliteStatement commandOf;
    private readonly SqliteStatement lastRevision;
    private readonly SqliteStatement placesOf;
    private SqliteTransaction? transaction;

    public TraceStatements(SqliteConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
        ask = new SqliteStatement(
            connection,
            """
            INSERT INTO requests (id, stage, system_message, query_id, collection, task, prompt, gold_answers, answer_kind, explanation,
                prescribed_message, chance, difficulty, asked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (id) DO UPDATE SET asked_at = excluded.asked_at, times_asked = times_asked + 1
            RETURNING key
            """);
        answer = new SqliteStatement(connection, "INSERT INTO answers VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        settle = new SqliteStatement(connection, "INSERT INTO verdicts VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        journal = new SqliteStatement(connection, "INSERT INTO commands VALUES ($1, $2, $3, $4, $5)");
        remember = new SqliteStatement(
            connection, "INSERT INTO about VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        commandOf = new SqliteStatement(connection, "SELECT revision, kind, payload FROM commands WHERE id = $1");
        lastRevision = new SqliteStatement(connection, "SELECT coalesce(max(revision), 0) FROM commands");
        placesOf = new SqliteStatement(connection, "SELECT stage, max(place) FROM verdicts WHERE place IS NOT NULL GROUP BY stage");
        Attempts = new AttemptStatements(connection, time, () => transaction);
        LoadPlaces();
    }

    /// <summary>Calls and what they cost, within the same transactions.</summary>
    public AttemptStatements Attempts { get; }

    public void Begin() => transaction = connection.BeginTransaction();

    public void Commit()
    {
        transaction!.Commit();
        transaction.Dispose();
        transaction = null;
    }

    public void RollBack()
    {
        transaction?.Dispose();
        transaction = null;
        LoadPlaces();
    }

    /// <summary>Writes that a request is put to a teacher (again); returns its key.</summary>
    public long Ask(TeacherRequest request)
    {
        var query = request.Query;
        return (long)ask.Scalar(
            transaction,
            request.Id,
            request.Stage,
            request.SystemMessage,
            query.Id,
            query.Collection,
            query.Task,
            query.Prompt,
            JsonSerializer.Serialize(query.GoldAnswers),
            query.AnswerKind.ToString(),
            query.Explanation,
            query.SystemMessage,
            query.Chance,
            query.Difficulty,
            Now())!;
    }

    /// <summary>Writes an answer as it came.</summary>
    public long Answer(long key, Trace trace) => answer.Execute(
        transaction,
        key,
        trace.Response,
        trace.Finish.ToString(),
        trace.Teacher,
        trace.PromptTokens,
        trace.CompletionTokens,
        trace.Cost.ToString(CultureInfo.InvariantCulture),
        trace.Latency.Ticks,
        Now());

    /// <summary>Writes how a request ended; returns its place among the accepted ones of its stage, or -1.</summary>
    public long Settle(Verdict verdict)
    {
        var place = verdict.Outcome == TraceOutcome.Accepted ? places.GetValueOrDefault(verdict.Stage) : -1;
        settle.Execute(
            transaction,
            verdict.Key,
            verdict.Stage,
            verdict.Outcome.ToString(),
            place < 0 ? null : place,
            verdict.Screen,
            verdict.Reason,
            verdict.Score,
            verdict.Screens,
            Now());
        if (place >= 0)
        {
            places[verdict.Stage] = place + 1;
        }

        return place;
    }

    /// <summary>Writes a command once; returns it as it was written, now or when it came first.</summary>
    public (JournaledCommand Command, bool IsNew) Journal(string id, string kind, string payload, long after)
    {
        JournaledCommand? known = null;
        commandOf.Read(transaction, row => known = new JournaledCommand(row.GetInt64(0), id, row.GetString(1), row.GetString(2)), id);
        if (known is not null)
        {
            return (known, false);
        }

        var revision = Math.Max(after, (long)lastRevision.Scalar(transaction)!) + 1;
        journal.Execute(transaction, revision, id, kind, payload, Now());
        return (new JournaledCommand(revision, id, kind, payload), true);
    }

    /// <summary>Writes a named value in place of the one before.</summary>
    public long Remember(string name, string value) => remember.Execute(transaction, name, value);

    public void Dispose()
    {
        transaction?.Dispose();
        Attempts.Dispose();
        foreach (var statement in new[] { ask, answer, settle, journal, remember, commandOf, lastRevision, placesOf })
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private void LoadPlaces()
    {
        places.Clear();
        placesOf.Read(transaction, row => places[row.GetString(0)] = row.GetInt64(1) + 1);
    }

    private string Now() => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
}
