namespace Orca.Streams.Teachers.Budgets;

/// <summary>
/// The account of all calls: each is written, and the most that it can cost reserved in every budget it falls under, before it is made;
/// how it ended and what it cost afterwards. What is reserved for a call whose end is not known stays reserved.
/// </summary>
public interface IAttemptLedger
{
    /// <summary>Sets what all calls of the run may cost, for those that are reserved from now on.</summary>
    /// <param name="run">US dollars; null for what the ledger was made with.</param>
    void Limit(decimal? run)
    {
    }

    /// <summary>Writes a call that is about to be made, unless a budget has no room for it.</summary>
    Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken);

    /// <summary>Writes how a call ended, and gives back what was reserved beyond its price.</summary>
    /// <param name="attempt">The call's number in the ledger.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="cost">Its price in US dollars; null where a reply was lost that may be charged for: all stays reserved.</param>
    /// <param name="answer">The answer, which is kept in the same step; null where there is none.</param>
    Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer);
}
