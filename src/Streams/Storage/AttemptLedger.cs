using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Storage;

/// <summary>
/// The account of all calls in a store, with the budgets of this run. What is reserved and spent lies in the store: it counts across
/// restarts and for all that write the file.
/// </summary>
/// <param name="writer">Who writes.</param>
/// <param name="made">What may be spent.</param>
internal sealed class AttemptLedger(GroupCommit writer, IReadOnlyList<Budget> made) : IAttemptLedger
{
    private volatile Budget? run;

    /// <inheritdoc/>
    public void Limit(decimal? run) => this.run = run is { } amount ? new Budget(BudgetScope.Run, "", amount) : null;

    /// <inheritdoc/>
    /// <exception cref="TraceStoreException">It could not be written; the call must not be made.</exception>
    public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) =>
        writer.WriteAsync(statements => statements.Attempts.Reserve(call, InForce), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// The answer goes into the store in the same commit: whatever happens afterwards, it is not asked and paid for again. A second time
    /// changes nothing.
    /// </remarks>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer)
    {
        var packed = answer is null ? null : PackedAnswer.Of(answer);
        return writer.WriteAsync(
            statements =>
            {
                statements.Attempts.Settle(attempt, outcome, cost);
                if (packed is not null && statements.Attempts.KeyOfOpen(answer!.Request.Id) is { } key)
                {
                    statements.Answer(key, packed);
                }

                return attempt;
            },
            CancellationToken.None);
    }

    private IReadOnlyList<Budget> InForce =>
        run is { } set ? [set, .. made.Where(budget => budget.Scope != BudgetScope.Run)] : made;
}
