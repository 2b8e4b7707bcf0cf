using System.Collections.Immutable;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>What is written when a request ends.</summary>
/// <param name="Key">The request's key.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Screen">The screen that rejected it; null otherwise.</param>
/// <param name="Settings">By which settings that one did; null where there is none, or they were not at fault.</param>
/// <param name="Reason">Why it was not accepted; null where it was.</param>
/// <param name="Screens">Every screen's verdict, packed; of none where none judged.</param>
/// <param name="Arm">The arm it is labelled with; null for none.</param>
/// <param name="Sample">Which answer to its question it is, from 0.</param>
internal sealed record Verdict(
    long Key, string Stage, TraceOutcome Outcome, string? Screen, string? Settings, string? Reason, byte[] Screens,
    string? Arm = null, int Sample = 0)
{
    /// <summary>What scorers tell of the answer.</summary>
    public ImmutableArray<TraceScore> Scores { get; init; } = [];

    private static readonly byte[] None = Packing.Pack(ImmutableArray<ScreenVerdict>.Empty);

    public static Verdict Of(long key, ScreenedTrace screened)
    {
        var rejection = screened.Accepted ? null : screened.Rejection;
        return new Verdict(
            key, screened.Trace.Request.Stage, rejection is null ? TraceOutcome.Accepted : TraceOutcome.Rejected,
            rejection?.Screen, rejection?.Settings, rejection?.Reason, Packing.Pack(screened.Verdicts), screened.Arm,
            screened.Trace.Request.Sample);
    }

    public static Verdict Failed(long key, TeacherRequest request, string reason) =>
        new(key, request.Stage, TraceOutcome.Failed, null, null, reason, None, Sample: request.Sample);
}
