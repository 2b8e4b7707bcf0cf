using Orca.Training.Packing;

namespace Orca.Training.Loss;

/// <summary>The two losses of a step, or shares or weights of them: each is a mean over its own tokens.</summary>
/// <param name="Teaching">That of the teachers' tokens.</param>
/// <param name="Practice">That of the student's own tokens, not yet times its weight in the whole.</param>
internal readonly record struct LossParts(double Teaching, double Practice)
{
    /// <summary>Whether both are numbers.</summary>
    public bool IsFinite => double.IsFinite(Teaching) && double.IsFinite(Practice);

    /// <summary>The weights that micro-batches of one step have together.</summary>
    public static LossParts WeightsOf(IReadOnlyList<PackedBatch> microBatches) =>
        new(microBatches.Sum(batch => batch.TotalWeight), microBatches.Sum(batch => batch.TotalPracticeWeight));

    /// <summary>Adds each to its like.</summary>
    public static LossParts operator +(LossParts left, LossParts right) =>
        new(left.Teaching + right.Teaching, left.Practice + right.Practice);
}
