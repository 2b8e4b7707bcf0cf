using System.Globalization;
using Microsoft.Data.Sqlite;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Storage;

/// <summary>The writing statements of calls and what they cost, prepared once; used by the writer's loop alone.</summary>
/// <remarks>
/// Nothing of it is kept in memory, so that several processes may write one file. Parameters are ?1, ?2, …, since they are not all used
/// in the order of their numbers.
/// </remarks>
internal sealed class AttemptStatements : IDisposable
{
    private readonly TimeProvider time;
    private readonly SqliteStatement begin;
    private readonly SqliteStatement end;
    private readonly SqliteStatement spendingOf;
    private readonly SqliteStatement reserve;
    private readonly SqliteStatement settle;
    private readonly SqliteStatement reservedBy;
    private readonly SqliteStatement keyOfOpen;

    public AttemptStatements(SqliteConnection connection, TimeProvider time)
    {
        this.time = time;
        begin = new SqliteStatement(
            connection,
            """
            INSERT INTO attempts (request, stage, endpoint, model, number, reserved, began_at)
            VALUES ((SELECT key FROM requests WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7) RETURNING key
            """);
        end = new SqliteStatement(
            connection,
            """
            UPDATE attempts SET outcome = ?2, message = ?3, prompt_tokens = ?4, completion_tokens = ?5, cost = ?6, latency_ticks = ?7,
                ended_at = ?8
            WHERE key = ?1
            """);
        spendingOf = new SqliteStatement(
            connection, "SELECT coalesce(sum(spent + reserved), 0) FROM spending WHERE scope = ?1 AND name = ?2");
        reserve = new SqliteStatement(
            connection,
            """
            INSERT INTO spending VALUES ('Run', '', 0, ?1), ('Stage', ?2, 0, ?1), ('Endpoint', ?3, 0, ?1)
            ON CONFLICT (scope, name) DO UPDATE SET reserved = reserved + excluded.reserved
            """);
        settle = new SqliteStatement(
            connection,
            """
            UPDATE spending SET reserved = reserved - ?1, spent = spent + ?2
            WHERE (scope, name) IN (VALUES ('Run', ''), ('Stage', ?3), ('Endpoint', ?4))
            """);
        reservedBy = new SqliteStatement(connection, "SELECT reserved, stage, endpoint FROM attempts WHERE key = ?1 AND cost IS NULL");
        keyOfOpen = new SqliteStatement(
            connection, "SELECT key FROM requests r WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.request = r.key)");
    }

    /// <summary>Writes a call and reserves the most it can cost, unless a budget has no room for it.</summary>
    public Reservation Reserve(CallIntent call, IReadOnlyList<Budget> budgets)
    {
        foreach (var budget in budgets)
        {
            if (budget.Covers(call)
                && Money.Of(spendingOf.Integer(budget.Scope.ToString(), budget.Name)) is var spent
                && spent + call.Reserved > budget.Amount)
            {
                return new Reservation(0, budget, spent);
            }
        }

        var reserved = Money.Units(call.Reserved);
        reserve.Execute(reserved, call.Stage, call.Endpoint);
        return new Reservation(
            begin.Integer(call.RequestId, call.Stage, call.Endpoint, call.Model, call.Number, reserved, Now()));
    }

    /// <summary>Writes how a call ended; a second time changes nothing.</summary>
    public void Settle(long attempt, Attempt outcome, decimal? cost)
    {
        var found = ((long Reserved, string Stage, string Endpoint)?)null;
        reservedBy.Read(row => found = (row.Integer(0), row.Text(1), row.Text(2)), attempt);
        if (found is not { } call)
        {
            return;
        }

        end.Execute(
            attempt,
            outcome.Kind.ToString(),
            outcome.Message.Length > 0 ? outcome.Message : null,
            outcome.PromptTokens,
            outcome.CompletionTokens,
            cost is { } known ? Money.Units(known) : default(long?),
            outcome.Latency.Ticks,
            Now());
        if (cost is { } paid)
        {
            settle.Execute(call.Reserved, Money.Units(paid), call.Stage, call.Endpoint);
        }
    }

    /// <summary>The key of a request without an answer; null where it has one, or was never written.</summary>
    public long? KeyOfOpen(string requestId)
    {
        long? key = null;
        keyOfOpen.Read(row => key = row.Integer(0), requestId);
        return key;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { begin, end, spendingOf, reserve, settle, reservedBy, keyOfOpen })
        {
            statement.Dispose();
        }
    }

    private string Now() => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
}
