using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage;

/// <summary>What the student answered before teachers were asked: how it is written, and read.</summary>
internal sealed class StudentStatements(SqliteConnection connection, TimeProvider time) : IDisposable
{
    private const string Columns =
        "id, stage, collection, task, difficulty, chance, is_right, right_answers, answers, knew, asked_anyway, mistake, version";

    private readonly SqliteStatement keep = new(
        connection,
        $"""
        INSERT INTO student_answers ({Columns}, answered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        ON CONFLICT (id) DO NOTHING RETURNING key
        """);

    /// <summary>Writes what came of a question; false where that is known already, which holds then.</summary>
    public bool Keep(StudentOutcome outcome) => keep.Integer(
        outcome.RequestId,
        outcome.Stage,
        outcome.Collection,
        outcome.Task,
        outcome.Difficulty,
        outcome.Chance,
        outcome.IsRight ? 1 : 0,
        outcome.Right,
        outcome.Answers,
        outcome.Knew ? 1 : 0,
        outcome.IsAskedAnyway ? 1 : 0,
        outcome.Mistake,
        outcome.Version,
        time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)) > 0;

    public void Dispose() => keep.Dispose();

    /// <summary>Of one request; null where the student was not asked.</summary>
    public static StudentOutcome? Find(SqliteConnection connection, string requestId)
    {
        using var find = new SqliteStatement(connection, $"SELECT {Columns} FROM student_answers WHERE id = ?1");
        StudentOutcome? found = null;
        find.Read(row => found = OutcomeIn(row), requestId);
        return found;
    }

    /// <summary>The last ones, the oldest of them first.</summary>
    public static ImmutableArray<StudentOutcome> Last(SqliteConnection connection, int most)
    {
        using var last = new SqliteStatement(
            connection,
            $"SELECT {Columns} FROM (SELECT * FROM student_answers ORDER BY key DESC LIMIT ?1) ORDER BY key");
        var found = ImmutableArray.CreateBuilder<StudentOutcome>();
        last.Read(row => found.Add(OutcomeIn(row)), most);
        return found.ToImmutable();
    }

    /// <summary>All of them counted.</summary>
    public static StudentFigures Figures(SqliteConnection connection)
    {
        using var count = new SqliteStatement(
            connection,
            """
            SELECT count(*), sum(is_right), sum(knew AND NOT asked_anyway), sum(asked_anyway), sum(asked_anyway AND is_right),
                sum(asked_anyway AND knew)
            FROM student_answers
            """);
        var figures = new StudentFigures(0, 0, 0, 0, 0, 0);
        count.Read(row => figures = new StudentFigures(
            row.Integer(0), row.Integer(1), row.Integer(2), row.Integer(3), row.Integer(4), row.Integer(5)));
        return figures;
    }

    private static StudentOutcome OutcomeIn(SqliteRow row) => new()
    {
        RequestId = row.Text(0),
        Stage = row.Text(1),
        Collection = row.Text(2),
        Task = row.Text(3),
        Difficulty = row.IsNull(4) ? null : row.Count(4),
        Chance = row.Real(5),
        IsRight = row.Integer(6) != 0,
        Right = row.Count(7),
        Answers = row.Count(8),
        Knew = row.Integer(9) != 0,
        IsAskedAnyway = row.Integer(10) != 0,
        Mistake = row.TextOrNull(11),
        Version = row.Text(12),
    };
}
