using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Storage;

/// <content>Calls of endpoints and what they cost.</content>
public sealed partial class TraceStore
{
    /// <summary>The account of calls in this store, with these budgets.</summary>
    public IAttemptLedger Ledger(params IReadOnlyList<Budget> budgets) => new AttemptLedger(writer, budgets);
}
