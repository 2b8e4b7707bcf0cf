using Orca.Model.Network;
using Orca.Training.Speed;

namespace Orca.Training.Running;

/// <summary>What a step could reach at most, measured once a start is under way. Used by the trainer's thread.</summary>
internal sealed class ProductLimit(LlamaConfig config, TrainerOptions options)
{
    // A start's first steps are slower than those that follow: their code is still being compiled.
    private const int UnsettledSteps = 20;
    private const int MostMeasurements = 5;

    private int measurements;
    private int steps;

    /// <summary>It; null before it was measured.</summary>
    public SpeedOfLight? Value { get; private set; }

    /// <summary>
    /// Measures it where that is due. No step is faster than the products that it is made of: what was measured beside something else is
    /// measured again.
    /// </summary>
    public void Note(TrainingStep step)
    {
        if (++steps == UnsettledSteps || (step.ShareOfProduct > 1 && measurements < MostMeasurements))
        {
            measurements++;
            var measured = SpeedOfLight.Measure(config, options);
            Value = Value?.Or(measured) ?? measured;
        }
    }
}
