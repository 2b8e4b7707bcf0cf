using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orca.Streams.Storage;

/// <summary>The writing statements, prepared once; used by the writer's loop alone.</summary>
internal sealed class TraceStatements : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3 database;
    private readonly TimeProvider time;
    private readonly Dictionary<string, long> places = [];
    private readonly Dictionary<string, Func<string>> toRemember = [];
    private readonly SqliteStatement begin;
    private readonly SqliteStatement commit;
    private readonly SqliteStatement rollBack;
    private readonly SqliteStatement ask;
    private readonly SqliteStatement answer;
    private readonly SqliteStatement settle;
    private readonly SqliteStatement score;
    private readonly SqliteStatement keepFormer;
    private readonly SqliteStatement dropFormer;
    private readonly SqliteStatement journal;
    private readonly SqliteStatement tookEffect;
    private readonly SqliteStatement logLesson;
    private readonly SqliteStatement takeBack;
    private readonly SqliteStatement giveBack;
    private readonly SqliteStatement dropLessons;
    private readonly SqliteStatement remember;
    private readonly SqliteStatement commandOf;
    private readonly SqliteStatement lastRevision;
    private readonly SqliteStatement placesOf;

    public TraceStatements(SqliteConnection connection, TimeProvider time)
    {
        this.connection = connection;
        database = connection.Handle!;
        this.time = time;
        begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        commit = new SqliteStatement(connection, "COMMIT");
        rollBack = new SqliteStatement(connection, "ROLLBACK");
        ask = new SqliteStatement(
            connection,
            """
            INSERT INTO requests (id, stage, query_id, collection, task, answer_kind, chance, difficulty, asked_at, body, sample)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (id) DO UPDATE SET asked_at = excluded.asked_at, body = excluded.body, times_asked = times_asked + 1
            RETURNING key
            """);
        answer = new SqliteStatement(connection, "INSERT INTO answers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        settle = new SqliteStatement(
            connection,
            """
            INSERT INTO verdicts (request, stage, outcome, place, screen, settings, reason, judged_at, screens, arm)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        score = new SqliteStatement(connection, "INSERT OR REPLACE INTO scores VALUES (?1, ?2, ?3)");
        keepFormer = new SqliteStatement(
            connection,
            """
            INSERT INTO former_verdicts (request, outcome, screen, settings, reason, judged_at, screens, arm)
            SELECT request, outcome, screen, settings, reason, judged_at, screens, arm FROM verdicts WHERE request = ?1
            """);
        dropFormer = new SqliteStatement(connection, "DELETE FROM verdicts WHERE request = ?1");
        journal = new SqliteStatement(
            connection,
            """
            INSERT INTO commands (revision, id, kind, payload, given_at, lesson, draw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """);
        tookEffect = new SqliteStatement(connection, "UPDATE commands SET step = ?2 WHERE revision = ?1");
        logLesson = new SqliteStatement(
            connection,
            "INSERT INTO lessons (ordinal, stage, place, epoch, low, high, position) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        takeBack = new SqliteStatement(connection, "UPDATE lessons SET undone = ?2 WHERE ordinal > ?1 AND undone IS NULL");
        giveBack = new SqliteStatement(connection, "UPDATE lessons SET undone = NULL WHERE ordinal <= ?1 AND undone > ?2");
        dropLessons = new SqliteStatement(connection, "DELETE FROM lessons WHERE ordinal > ?1 AND undone IS NULL");
        remember = new SqliteStatement(
            connection, "INSERT INTO about VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        commandOf = new SqliteStatement(
            connection, "SELECT revision, kind, payload, lesson, draw, step FROM commands WHERE id = ?1");
        lastRevision = new SqliteStatement(connection, "SELECT coalesce(max(revision), 0) FROM commands");
        placesOf = new SqliteStatement(connection, "SELECT stage, max(place) FROM verdicts WHERE place IS NOT NULL GROUP BY stage");
        Attempts = new AttemptStatements(connection, time);
        Students = new StudentStatements(connection, time);
        LoadPlaces();
    }

    /// <summary>Calls and what they cost, within the same transactions.</summary>
    public AttemptStatements Attempts { get; }

    /// <summary>What the student answered, within the same transactions.</summary>
    public StudentStatements Students { get; }

    public void Begin() => begin.Execute();

    public void Commit()
    {
        foreach (var (name, value) in toRemember)
        {
            remember.Execute(name, value());
        }

        toRemember.Clear();
        commit.Execute();
    }

    public void RollBack()
    {
        toRemember.Clear();

        // After some failures SQLite has rolled back by itself.
        if (raw.sqlite3_get_autocommit(database) == 0)
        {
            rollBack.Execute();
        }

        LoadPlaces();
    }

    /// <summary>Writes that a request is put to a teacher (again); returns its key.</summary>
    public long Ask(PackedRequest packed)
    {
        var query = packed.Request.Query;
        return ask.Integer(
            packed.Id,
            packed.Request.Stage,
            query.Id,
            query.Collection,
            query.Task,
            query.AnswerKind.ToString(),
            query.Chance,
            query.Difficulty,
            Now(),
            packed.Body,
            packed.Request.Sample);
    }

    /// <summary>Writes an answer as it came.</summary>
    public void Answer(long key, PackedAnswer packed) => answer.Execute(
        key,
        packed.Trace.Finish.ToString(),
        packed.Trace.Teacher,
        packed.Trace.PromptTokens,
        packed.Trace.CompletionTokens,
        packed.Trace.Cost.ToString(CultureInfo.InvariantCulture),
        packed.Trace.Latency.Ticks,
        Now(),
        packed.Body);

    /// <summary>Writes how a request ended; returns its place among the accepted ones of its stage, or -1.</summary>
    public long Settle(Verdict verdict)
    {
        var place = verdict.Outcome == TraceOutcome.Accepted ? places.GetValueOrDefault(verdict.Stage) : -1;
        settle.Execute(
            verdict.Key,
            verdict.Stage,
            verdict.Outcome.ToString(),
            place < 0 ? default(long?) : place,
            verdict.Screen,
            verdict.Settings,
            verdict.Reason,
            Now(),
            verdict.Screens,
            verdict.Arm);
        foreach (var (name, value) in verdict.Scores)
        {
            score.Execute(verdict.Key, name, value);
        }

        if (place >= 0)
        {
            places[verdict.Stage] = place + 1;
        }

        return place;
    }

    /// <summary>
    /// Writes how a request ended in the place of what was found before, which is kept beside; returns as <see cref="Settle"/>.
    /// </summary>
    public long SettleAgain(Verdict verdict)
    {
        keepFormer.Execute(verdict.Key);
        dropFormer.Execute(verdict.Key);
        return Settle(verdict);
    }

    /// <summary>Writes a command once; returns it as it was written, now or when it came first.</summary>
    public (JournaledCommand Command, bool IsNew) Journal(JournaledCommand command)
    {
        JournaledCommand? known = null;
        commandOf.Read(
            row => known = new JournaledCommand(row.Integer(0), command.Id, row.Text(1), row.Text(2))
            {
                Lesson = row.IntegerOrNull(3),
                Draw = row.IntegerOrNull(4),
                Step = row.IntegerOrNull(5),
            },
            command.Id);
        if (known is not null)
        {
            return (known, false);
        }

        var made = command with { Revision = Math.Max(command.Revision, lastRevision.Integer()) + 1 };
        journal.Execute(made.Revision, made.Id, made.Kind, made.Payload, Now(), made.Lesson, made.Draw);
        return (made, true);
    }

    /// <summary>Notes the first step that a command acts on.</summary>
    public void TookEffect(long revision, long step) => tookEffect.Execute(revision, step);

    /// <summary>Writes that a lesson is given out.</summary>
    public void Log(LoggedLesson lesson) => logLesson.Execute(
        lesson.Ordinal, lesson.Stage, lesson.Place, lesson.Epoch, lesson.Low, lesson.High, lesson.Position);

    /// <summary>Marks the lessons after one as taken back, and those before it as they were at another revision.</summary>
    public void TakeBack(long after, long revision, long rolledBack)
    {
        takeBack.Execute(after, revision);
        giveBack.Execute(after, rolledBack);
    }

    /// <summary>Forgets the lessons after one.</summary>
    public void DropLessons(long after) => dropLessons.Execute(after);

    /// <summary>Has the commit write a named value in place of the one before; of several in a group the last counts.</summary>
    public void Remember(string name, Func<string> value) => toRemember[name] = value;

    public void Dispose()
    {
        Attempts.Dispose();
        Students.Dispose();
        foreach (var statement in new[]
                 {
                     begin, commit, rollBack, ask, answer, settle, score, keepFormer, dropFormer, journal, tookEffect,
                     logLesson, takeBack, giveBack, dropLessons,
                     remember, commandOf, lastRevision, placesOf,
                 })
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private void LoadPlaces()
    {
        places.Clear();
        placesOf.Read(row => places[row.Text(0)] = row.Integer(1) + 1);
    }

    private string Now() => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
}
