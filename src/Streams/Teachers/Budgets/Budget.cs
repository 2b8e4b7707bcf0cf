namespace Orca.Streams.Teachers.Budgets;

/// <summary>What a budget is for.</summary>
public enum BudgetScope
{
    /// <summary>Everything that the store's run ever asked.</summary>
    Run,

    /// <summary>What one stage asked.</summary>
    Stage,

    /// <summary>What one endpoint was asked.</summary>
    Endpoint,
}

/// <summary>Money that may be spent, calls under way and calls whose reply was lost included.</summary>
/// <param name="Scope">What it is for.</param>
/// <param name="Name">The stage or the endpoint; empty for the run.</param>
/// <param name="Amount">US dollars.</param>
public sealed record Budget(BudgetScope Scope, string Name, decimal Amount)
{
    /// <summary>Whether a call falls under it.</summary>
    public bool Covers(CallIntent call) => Scope switch
    {
        BudgetScope.Stage => Name == call.Stage,
        BudgetScope.Endpoint => Name == call.Endpoint,
        _ => true,
    };

    /// <summary>As a part of a sentence.</summary>
    public override string ToString() => Scope == BudgetScope.Run ? "the run" : $"the {Scope.ToString().ToLowerInvariant()} '{Name}'";
}
