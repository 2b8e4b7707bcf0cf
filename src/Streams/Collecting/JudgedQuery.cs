using System.Collections.Immutable;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>A query whose answers have been judged, or cannot be.</summary>
/// <param name="Drawn">The query.</param>
/// <param name="Answers">
/// How each of its requests ended; empty where the query will be drawn again, or the student knows it. One is accepted at most.
/// </param>
internal sealed record JudgedQuery(DrawnQuery Drawn, ImmutableArray<JudgedRequest> Answers)
{
    /// <summary>Whether the run ended before it came to an end: it will be drawn again.</summary>
    public bool IsOpen => Answers.IsEmpty && !Drawn.IsKnown;

    /// <summary>The answer that is accepted; null for none.</summary>
    public Trace? Accepted
    {
        get
        {
            foreach (var answer in Answers)
            {
                if (answer.Screened is { Accepted: true } accepted)
                {
                    return accepted.Trace;
                }
            }

            return null;
        }
    }
}

/// <summary>How a request ended.</summary>
/// <param name="Request">The request.</param>
/// <param name="Key">Its key in the store.</param>
/// <param name="Screened">The judged answer; null where there is none.</param>
/// <param name="Scores">What scorers tell of the answer.</param>
/// <param name="Failure">Why it can never be answered; null otherwise.</param>
internal sealed record JudgedRequest(
    TeacherRequest Request, long Key, ScreenedTrace? Screened, ImmutableArray<TraceScore> Scores, string? Failure)
{
    /// <summary>What is written of it.</summary>
    public Verdict Verdict => Screened is { } screened
        ? Verdict.Of(Key, screened) with { Scores = Scores }
        : Verdict.Failed(Key, Request, Failure!);
}
