using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Bus;

/// <summary>What collecting tells a curriculum.</summary>
public abstract record TraceNews;

/// <summary>Collecting has begun.</summary>
/// <param name="Collections">The collections it draws from.</param>
/// <param name="Screens">Names of the screens that judge.</param>
/// <param name="InOrder">
/// Names of the stages whose traces are accepted in the order of their tasks: the order of their lessons may depend on the tasks alone.
/// </param>
public sealed record CollectingBegan(
    ImmutableSortedSet<string> Collections, ImmutableSortedSet<string> Screens, ImmutableHashSet<string> InOrder) : TraceNews
{
    /// <summary>Tasks by their collection, of those collections whose tasks are known beforehand.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedSet<string>> Tasks { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedSet<string>>.Empty;

    /// <summary>Questions that each collection has; one that is not named has no end, or nobody knows.</summary>
    public ImmutableSortedDictionary<string, long> Sizes { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Ids of the system messages that are chosen from.</summary>
    public ImmutableSortedSet<string> Messages { get; init; } = [];

    /// <summary>How often the student was right by now, of earlier runs too, where it is asked before teachers are.</summary>
    public StudentAnswers Student { get; init; } = StudentAnswers.None;
}

/// <summary>A trace has been accepted and stored.</summary>
/// <param name="Stage">Name of its stage.</param>
/// <param name="Place">Its place among the stage's accepted traces, from 0.</param>
/// <param name="Trace">The trace.</param>
public sealed record TraceAccepted(string Stage, long Place, Trace Trace) : TraceNews;

/// <summary>No trace of a stage is on its way.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Supply">Whether none will ever come, or none under the mixture in force.</param>
public sealed record SupplyChanged(string Stage, TraceSupply Supply) : TraceNews;

/// <summary>The student has answered a question before a teacher was asked; it may be asked all the same.</summary>
/// <param name="Collection">The question's collection.</param>
/// <param name="Task">Its task.</param>
/// <param name="Difficulty">Its difficulty; null where that is unknown.</param>
/// <param name="IsRight">Whether what the student says by itself, its first answer, is right.</param>
public sealed record StudentAnswered(string Collection, string Task, int? Difficulty, bool IsRight) : TraceNews
{
    /// <summary>Probability that a guess would have been right; 0 where it is unknown.</summary>
    public double Chance { get; init; }
}
