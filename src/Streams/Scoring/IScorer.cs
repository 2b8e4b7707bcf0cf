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
    /// <param name="trace">The answer.</param>
    /// <param name="answers">All answers to its question, itself among them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken);
}

/// <summary>A score of a trace.</summary>
/// <param name="Name">Name of its scorer.</param>
/// <param name="Value">The score.</param>
public sealed record TraceScore(string Name, double Value);
