using Microsoft.Data.Sqlite;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Tests.Support;

/// <summary>
/// The ledger of a store's file, written where it is called, a commit each: time that is simulated stands still meanwhile.
/// </summary>
internal sealed class ImmediateLedger(SqliteConnection connection, params IReadOnlyList<Budget> budgets) : IAttemptLedger, IDisposable
{
    private readonly TraceStatements statements = new(connection, TimeProvider.System);

    public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) =>
        Task.FromResult(Commit(() => statements.Attempts.Reserve(call, budgets)));

    public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer) => Task.FromResult(Commit(() =>
    {
        statements.Attempts.Settle(attempt, outcome, cost);
        return true;
    }));

    public void Dispose() => statements.Dispose();

    private T Commit<T>(Func<T> write)
    {
        statements.Begin();
        var result = write();
        statements.Commit();
        return result;
    }
}
