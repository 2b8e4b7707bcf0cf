using Microsoft.Data.Sqlite;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Tests.Support;

/// <summary>
/// The ledger of a store's file, written where it is called: time that is simulated stands still meanwhile.
/// </summary>
internal sealed class ImmediateLedger(SqliteConnection connection, params IReadOnlyList<Budget> budgets) : IAttemptLedger, IDisposable
{
    private readonly TraceStatements statements = new(connection, TimeProvider.System);
    private int open;
    private decimal? limit;

    /// <summary>Writes of one commit; what is left over comes with the end. By default each is one, which others see at once.</summary>
    public int WritesPerCommit { get; init; } = 1;

    public void Limit(decimal? run) => limit = run;

    public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) =>
        Task.FromResult(Commit(() => statements.Attempts.Reserve(call, InForce)));

    public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer) => Task.FromResult(Commit(() =>
    {
        statements.Attempts.Settle(attempt, outcome, cost);
        return true;
    }));

    public void Dispose()
    {
        if (open > 0)
        {
            statements.Commit();
        }

        statements.Dispose();
    }

    private IReadOnlyList<Budget> InForce => limit is { } run
        ? [new Budget(BudgetScope.Run, "", run), .. budgets.Where(budget => budget.Scope != BudgetScope.Run)]
        : budgets;

    private T Commit<T>(Func<T> write)
    {
        if (open == 0)
        {
            statements.Begin();
        }

        var result = write();
        open = (open + 1) % WritesPerCommit;
        if (open == 0)
        {
            statements.Commit();
        }

        return result;
    }
}
