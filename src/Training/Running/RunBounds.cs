namespace Orca.Training.Running;

/// <summary>What bounds a run, and how much of it is over.</summary>
/// <param name="MaxSteps">Last step, counted from the very first start; null: none.</param>
/// <param name="MaxDuration">Time from this start; null: none.</param>
public sealed record RunBounds(long? MaxSteps, TimeSpan? MaxDuration)
{
    /// <summary>
    /// Share of the run that is over, 0 to 1: of its steps or of its time, whichever is further; null where it is unbounded.
    /// </summary>
    /// <param name="steps">Steps made.</param>
    /// <param name="elapsed">Time of this start.</param>
    /// <param name="from">Step that it is counted from.</param>
    /// <param name="since">Time of this start that it is counted from.</param>
    public double? Progress(long steps, TimeSpan elapsed, long from = 0, TimeSpan since = default)
    {
        double? bySteps = MaxSteps is { } maxSteps && maxSteps > from ? (double)(steps - from) / (maxSteps - from) : null;
        double? byTime = MaxDuration is { } maxDuration && maxDuration > since ? (elapsed - since) / (maxDuration - since) : null;
        return (bySteps, byTime) switch
        {
            (null, null) => null,
            _ => Math.Min(1, Math.Max(bySteps ?? 0, byTime ?? 0)),
        };
    }

    /// <summary>The bound that has been reached, if any.</summary>
    public TrainingEnd? Reached(long steps, TimeSpan elapsed) => this switch
    {
        { MaxSteps: { } maxSteps } when steps >= maxSteps => TrainingEnd.MaxSteps,
        { MaxDuration: { } maxDuration } when elapsed >= maxDuration => TrainingEnd.MaxDuration,
        _ => null,
    };
}
