using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Tests.Support;

/// <summary>A store's ledger, waited for while simulated time stands still.</summary>
internal sealed class BlockingLedger(IAttemptLedger ledger) : IAttemptLedger
{
    public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) =>
        Task.FromResult(Task.Run(() => ledger.ReserveAsync(call, cancellationToken)).GetAwaiter().GetResult());

    public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer)
    {
        Task.Run(() => ledger.SettleAsync(attempt, outcome, cost, answer)).GetAwaiter().GetResult();
        return Task.CompletedTask;
    }
}
