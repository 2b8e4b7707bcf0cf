using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>What came of one screen's measurement.</summary>
/// <param name="Screen">Its name.</param>
/// <param name="Passed">Whether the trace may be trained on.</param>
/// <param name="Value">What it measured; NaN where it failed on the trace.</param>
/// <param name="Reason">Why it was rejected; null where it passed.</param>
public sealed record ScreenVerdict(string Screen, bool Passed, double Value, string? Reason)
{
    /// <summary>The settings by which it was rejected; null where it was not, where it failed, or they are not known.</summary>
    public string? Settings { get; init; }
}

/// <summary>A trace with every screen's verdict.</summary>
/// <param name="Trace">The answer.</param>
/// <param name="Verdicts">One for each screen that judged it, in the order they ran.</param>
public sealed record ScreenedTrace(Trace Trace, ImmutableArray<ScreenVerdict> Verdicts)
{
    /// <summary>The label of traces that pass at random whatever the screens find, so that their worth can be told.</summary>
    public const string ControlArm = "control";

    /// <summary><see cref="ControlArm"/> for one that passes at random; null otherwise.</summary>
    public string? Arm { get; init; }

    /// <summary>The verdict of the first screen that would not let it pass; null where every one did.</summary>
    public ScreenVerdict? Rejection => Verdicts.FirstOrDefault(verdict => !verdict.Passed);

    /// <summary>Whether it may be trained on: every screen let it pass, or it is of the control arm.</summary>
    public bool Accepted => Arm is not null || Rejection is null;
}
