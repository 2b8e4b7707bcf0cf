namespace Orca.Training.Optimization;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum DecayShape
{
    /// <summary>Half a cosine over the whole run.</summary>
    Cosine,

    /// <summary>Constant, then a straight line over the last part of the run (warm-up, stable, decay).</summary>
    LinearTail,

    /// <summary>No decay.</summary>
    Constant,
}

/// <summary>
/// The learning rate as a pure function of the step and of the run's progress. The defaults suit a student that starts from random weights.
/// </summary>
/// <remarks>
/// Progress is whatever bounds the run: its share of steps or of time, whichever is further. An unbounded run has none, and keeps
/// its peak rate after the warm-up whatever the shape.
/// </remarks>
public sealed record LearningRateSchedule
{
    /// <summary>The highest rate, above 0.</summary>
    public double Peak { get; init; } = 4e-3;

    /// <summary>Steps of linear warm-up, 0 or more; the first step has 1/<see cref="WarmUpSteps"/> of the rate.</summary>
    public int WarmUpSteps { get; init; } = 50;

    /// <summary>How the rate falls.</summary>
    public DecayShape Shape { get; init; } = DecayShape.Cosine;

    /// <summary>Share of the peak that is left at the end, 0 to 1.</summary>
    public double FinalFraction { get; init; } = 0.05;

    /// <summary>Share of the run that <see cref="DecayShape.LinearTail"/> decays over, above 0, to 1.</summary>
    public double TailFraction { get; init; } = 0.2;

    /// <summary>The rate of the optimizer step that follows <paramref name="stepsDone"/> finished ones.</summary>
    /// <param name="stepsDone">Steps finished since the schedule began, 0 or more.</param>
    /// <param name="level">Share of the peak that the decay has left, 0 to 1, see <see cref="LevelAt"/>.</param>
    public double RateAt(long stepsDone, double level) => Peak * WarmUp(stepsDone) * level;

    /// <summary>
    /// Share of the peak that the decay leaves, 0 to 1; never more than it left before, so that no start makes the rate jump.
    /// </summary>
    /// <param name="progress">Share of the run that is over, 0 to 1; null where the run is unbounded.</param>
    /// <param name="before">What it left at the step before; 1 at the first.</param>
    public double LevelAt(double? progress, double before) => Math.Min(before, Decay(progress));

    private double WarmUp(long stepsDone) => WarmUpSteps == 0 ? 1 : Math.Min(1, (stepsDone + 1.0) / WarmUpSteps);

    private double Decay(double? progress)
    {
        if (progress is null)
        {
            return 1;
        }

        var p = Math.Clamp(progress.Value, 0, 1);
        var left = Shape switch
        {
            DecayShape.Cosine => 0.5 * (1 + Math.Cos(Math.PI * p)),
            DecayShape.LinearTail => Math.Min(1, (1 - p) / TailFraction),
            _ => 1,
        };
        return FinalFraction + ((1 - FinalFraction) * left);
    }
}
