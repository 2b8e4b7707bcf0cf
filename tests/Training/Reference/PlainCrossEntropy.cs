namespace Orca.Training.Tests.Reference;

/// <summary>Minus the logarithm of the probability that the softmax of the logits gives a target.</summary>
internal static class PlainCrossEntropy
{
    /// <param name="logits">Of one position.</param>
    /// <param name="target">The token that should come.</param>
    /// <returns>The loss, and its slope in the logits: the probabilities, less one at the target.</returns>
    public static (double Loss, double[] Slope) Of(double[] logits, int target)
    {
        var largest = logits.Max();
        var powers = logits.Select(logit => Math.Exp(logit - largest)).ToArray();
        var sum = powers.Sum();
        return (Math.Log(sum) + largest - logits[target], [.. powers.Select((power, id) => (power / sum) - (id == target ? 1 : 0))]);
    }
}
