using System.Collections.Immutable;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>All families, in a fixed order.</summary>
public static class ReasoningFamilies
{
    /// <summary>The families in alphabetical order of their names.</summary>
    public static ImmutableArray<ReasoningFamily> All { get; } =
    [
        new AdjectiveOrder(),
        new Arithmetic(),
        new BooleanExpressions(),
        new BracketClosing(),
        new ColouredObjects(),
        new DateUnderstanding(),
        new LampSwitch(),
        new LogicalDeduction(),
        new Navigate(),
        new ObjectCounting(),
        new TableLookup(),
        new TemporalSequences(),
        new TrackingShuffledObjects(),
        new WebOfLies(),
        new WordSorting(),
    ];

    /// <summary>The family of a name.</summary>
    /// <exception cref="TaskFormatException">There is none; the message lists the names.</exception>
    public static ReasoningFamily Named(string name) =>
        All.FirstOrDefault(family => family.Name == name)
        ?? throw new TaskFormatException($"There is no reasoning task '{name}'; choose from "
            + $"{string.Join(", ", All.Select(family => family.Name))}");
}
