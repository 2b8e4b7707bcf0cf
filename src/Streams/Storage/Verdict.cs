using System.Text.Json;
using Orca.Streams.Screening;

namespace Orca.Streams.Storage;

/// <summary>What is written when a request ends.</summary>
/// <param name="Key">The request's key.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Screen">The screen that rejected it; null otherwise.</param>
/// <param name="Reason">Why it was not accepted; null where it was.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Screens">Every screen's verdict as JSON; empty where none judged.</param>
internal sealed record Verdict(long Key, string Stage, TraceOutcome Outcome, string? Screen, string? Reason, double Score, string Screens)
{
    public static Verdict Of(long key, ScreenedTrace screened)
    {
        var rejection = screened.Verdicts.FirstOrDefault(verdict => !verdict.Passed);
        var outcome = rejection is null ? TraceOutcome.Accepted : TraceOutcome.Rejected;
        var screens = JsonSerializer.Serialize(screened.Verdicts);
        return new Verdict(key, screened.Trace.Request.Stage, outcome, rejection?.Screen, rejection?.Reason, screened.Score, screens);
    }

    public static Verdict Failed(long key, string stage, string reason) => new(key, stage, TraceOutcome.Failed, null, reason, 0, "");
}
