using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Storage;

/// <summary>A call as the store knows it.</summary>
/// <param name="Key">Its number.</param>
/// <param name="RequestId">What was asked; null where the store does not know the request.</param>
/// <param name="Endpoint">Where.</param>
/// <param name="Number">Which call it was for its request in its run, from 1.</param>
/// <param name="Outcome">How it ended; null where the process ended first, or it is under way.</param>
/// <param name="Message">What went wrong; empty where nothing did.</param>
/// <param name="Reserved">The most that it can have cost, in US dollars.</param>
/// <param name="Cost">What it cost; null where that is not known, and all stays reserved.</param>
/// <param name="BeganAt">When it began.</param>
public sealed record StoredAttempt(
    long Key, string? RequestId, string Endpoint, int Number, AttemptKind? Outcome, string Message, decimal Reserved, decimal? Cost,
    DateTimeOffset BeganAt);

/// <summary>What a run, a stage or an endpoint has spent.</summary>
/// <param name="Scope">Of what.</param>
/// <param name="Name">The stage or the endpoint; empty for the run.</param>
/// <param name="Spent">US dollars paid.</param>
/// <param name="Reserved">US dollars reserved for calls whose end is not known.</param>
public sealed record Spending(BudgetScope Scope, string Name, decimal Spent, decimal Reserved);

/// <summary>Reads calls and what they cost.</summary>
internal static class AttemptReader
{
    private const string Columns =
        "SELECT a.key, r.id, a.endpoint, a.number, a.outcome, a.message, a.reserved, a.cost, a.began_at "
            + "FROM attempts a LEFT JOIN requests r ON r.key = a.request ";

    /// <summary>Calls whose price is not known, in order.</summary>
    public static ImmutableArray<StoredAttempt> Unknown(SqliteConnection connection) =>
        Read(connection, Columns + "WHERE a.cost IS NULL ORDER BY a.key", Attempt);

    /// <summary>All calls, in order.</summary>
    public static ImmutableArray<StoredAttempt> All(SqliteConnection connection) => Read(connection, Columns + "ORDER BY a.key", Attempt);

    /// <summary>The calls made for a request, in order.</summary>
    public static ImmutableArray<StoredAttempt> Of(SqliteConnection connection, long request) =>
        Read(connection, Columns + "WHERE a.request = ?1 ORDER BY a.key", Attempt, request);

    /// <summary>What was spent: by the run, then its stages, then endpoints.</summary>
    public static ImmutableArray<Spending> Spending(SqliteConnection connection) => Read(
        connection,
        "SELECT scope, name, spent, reserved FROM spending",
        row => new Spending(
            Enum.Parse<BudgetScope>(row.Text(0)), row.Text(1), Money.Of(row.Integer(2)), Money.Of(row.Integer(3))))
        .Sort((one, other) => (one.Scope, one.Name).CompareTo((other.Scope, other.Name)));

    private static ImmutableArray<T> Read<T>(
        SqliteConnection connection, string sql, Func<SqliteRow, T> read, params ReadOnlySpan<SqliteValue> values)
    {
        using var statement = new SqliteStatement(connection, sql);
        var rows = ImmutableArray.CreateBuilder<T>();
        statement.Read(row => rows.Add(read(row)), values);
        return rows.ToImmutable();
    }

    private static StoredAttempt Attempt(SqliteRow row) => new(
        row.Integer(0),
        row.IsNull(1) ? null : row.Text(1),
        row.Text(2),
        row.Count(3),
        row.IsNull(4) ? null : Enum.Parse<AttemptKind>(row.Text(4)),
        row.IsNull(5) ? "" : row.Text(5),
        Money.Of(row.Integer(6)),
        row.IsNull(7) ? null : Money.Of(row.Integer(7)),
        DateTimeOffset.Parse(row.Text(8), CultureInfo.InvariantCulture));
}
