using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>One reason to keep or reject a trace.</summary>
public interface IScreen
{
    /// <summary>Name that verdicts and the display carry.</summary>
    string Name { get; }

    /// <summary>
    /// What its judgement depends on besides the trace, as text: its settings, and a number that grows when it comes to judge otherwise.
    /// What it rejected under another text is judged again.
    /// </summary>
    string Settings { get; }

    /// <summary>Judges a trace; depends on nothing but the trace.</summary>
    ScreenVerdict Judge(Trace trace);
}

/// <summary>What one screen found.</summary>
/// <param name="Screen">Its name.</param>
/// <param name="Passed">Whether the trace may be trained on.</param>
/// <param name="Score">0 (worst) to 1 (best).</param>
/// <param name="Reason">Why it was rejected; null where it passed.</param>
public sealed record ScreenVerdict(string Screen, bool Passed, double Score, string? Reason)
{
    /// <summary>The settings by which it was found; null where it failed, or they are not known.</summary>
    public string? Settings { get; init; }

    /// <summary>The verdict of a screen that finds nothing wrong.</summary>
    public static ScreenVerdict Pass(string screen) => new(screen, Passed: true, Score: 1, Reason: null);

    /// <summary>The verdict of a screen that rejects.</summary>
    /// <param name="screen">Its name.</param>
    /// <param name="reason">What was found and what was expected, one sentence.</param>
    public static ScreenVerdict Reject(string screen, string reason) => new(screen, Passed: false, Score: 0, reason);
}

/// <summary>A trace with every screen's verdict.</summary>
/// <param name="Trace">The answer.</param>
/// <param name="Verdicts">One for each screen that judged it, in the order they ran.</param>
public sealed record ScreenedTrace(Trace Trace, ImmutableArray<ScreenVerdict> Verdicts)
{
    /// <summary>The verdict of the screen that rejected it; null where every one let it pass.</summary>
    public ScreenVerdict? Rejection => Verdicts.FirstOrDefault(verdict => !verdict.Passed);

    /// <summary>Whether every screen let it pass.</summary>
    public bool Accepted => Rejection is null;

    /// <summary>Product of the scores, 0 to 1.</summary>
    public double Score => Verdicts.Aggregate(1.0, (product, verdict) => product * verdict.Score);
}
