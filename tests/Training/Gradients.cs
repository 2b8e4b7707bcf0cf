using Orca.Training.Packing;

namespace Orca.Training.Tests;

/// <summary>A loss and its gradient, weight by weight.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="ByName">The gradient of each weight, by its Hugging Face name.</param>
internal sealed record Gradients(double Loss, IReadOnlyDictionary<string, double[]> ByName)
{
    /// <summary>Those that a learner gathers over the micro-batches of one step.</summary>
    public static Gradients Of(Learner learner, params PackedBatch[] microBatches)
    {
        var loss = learner.Accumulate(microBatches);
        return new Gradients(loss, learner.Parameters.Names.ToDictionary(
            name => name, name => Array.ConvertAll(Numbers.Of(learner.Parameters.Gradient(name)), value => (double)value)));
    }

    /// <summary>The largest difference of any value, as a share of the norm of its weight's gradient; and in which weight.</summary>
    public (string Name, double Share) WorstAgainst(Gradients expected) => ByName
        .Select(pair => (pair.Key, Share: Difference(pair.Value, expected.ByName[pair.Key])))
        .MaxBy(pair => pair.Share);

    private static double Difference(double[] found, double[] expected) =>
        found.Zip(expected, (one, other) => Math.Abs(one - other)).Max() / Math.Sqrt(expected.Sum(value => value * value));
}
