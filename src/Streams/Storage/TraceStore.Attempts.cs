using System.Collections.Immutable;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Storage;

/// <content>Calls of endpoints and what they cost.</content>
public sealed partial class TraceStore
{
    /// <summary>The account of calls in this store, with these budgets.</summary>
    public IAttemptLedger Ledger(params IReadOnlyList<Budget> budgets) => new AttemptLedger(writer, budgets);

    /// <summary>Every call, in order.</summary>
    public ImmutableArray<StoredAttempt> Attempts() => AttemptReader.All(Path);

    /// <summary>Calls that may be charged for though their reply was lost, or is under way; what they can cost stays reserved.</summary>
    public ImmutableArray<StoredAttempt> UnknownAttempts() => AttemptReader.Unknown(Path);

    /// <summary>What the run, its stages and its endpoints have spent, and what is reserved.</summary>
    public ImmutableArray<Spending> Spending() => AttemptReader.Spending(Path);
}
