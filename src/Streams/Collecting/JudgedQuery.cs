using System.Collections.Immutable;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;

namespace Orca.Streams.Collecting;

/// <summary>A query that has been judged, or cannot be.</summary>
/// <param name="Drawn">The query.</param>
/// <param name="Key">Its key in the store.</param>
/// <param name="Screened">The judged answer; null where there is none.</param>
/// <param name="Scores">What scorers tell of the answer.</param>
/// <param name="Failure">Why it can never be answered; null otherwise.</param>
internal sealed record JudgedQuery(DrawnQuery Drawn, long Key, ScreenedTrace? Screened, ImmutableArray<TraceScore> Scores, string? Failure)
{
    /// <summary>Whether the run ended before it was answered: it will be drawn again.</summary>
    public bool IsOpen => Screened is null && Failure is null;
}
