using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>
/// Tells one thing of an answer, as a number, that a curriculum or an export may choose by. Not whether it may be taught: that is what
/// screens are for. Any thread.
/// </summary>
public interface IScorer
{
    /// <summary>Name that scores are kept under.</summary>
    string Name { get; }

    /// <summary>The score; null where it can tell none.</summary>
    double? Score(Trace trace);
}

/// <summary>A score of a trace.</summary>
/// <param name="Name">Name of its scorer.</param>
/// <param name="Value">The score.</param>
public sealed record TraceScore(string Name, double Value);

/// <summary>The built-in scorers.</summary>
public static class Scorers
{
    private static readonly ImmutableArray<IScorer> BuiltIn = [new WordsScorer(), new StepsScorer()];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. BuiltIn.Select(scorer => scorer.Name)];

    /// <summary>Those of these names.</summary>
    /// <exception cref="TaskFormatException">A name is unknown; the message lists the known ones.</exception>
    public static ImmutableArray<IScorer> Of(IEnumerable<string> names) =>
    [
        .. names.Distinct().Select(name => BuiltIn.FirstOrDefault(scorer => scorer.Name == name)
            ?? throw new TaskFormatException($"There is no score '{name}'; choose from {string.Join(", ", Names)}.")),
    ];

    /// <summary>What scorers tell of a trace; one that can tell nothing, or fails on it, gives no score.</summary>
    public static ImmutableArray<TraceScore> Of(ImmutableArray<IScorer> scorers, Trace trace)
    {
        var scores = ImmutableArray.CreateBuilder<TraceScore>(scorers.Length);
        foreach (var scorer in scorers)
        {
            if (ScoreOf(scorer, trace) is { } value && double.IsFinite(value))
            {
                scores.Add(new TraceScore(scorer.Name, value));
            }
        }

        return scores.ToImmutable();
    }

    // A score is worth less than the answer that was paid for: it ends nothing.
    private static double? ScoreOf(IScorer scorer, Trace trace)
    {
        try
        {
            return scorer.Score(trace);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return null;
        }
    }
}
