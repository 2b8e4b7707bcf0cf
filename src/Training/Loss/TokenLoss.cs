using Orca.Model.Native;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Loss;

// B rows, T tokens a row, E hidden size, V vocabulary, N positions that bear loss.

/// <summary>
/// Cross-entropy on the teacher's tokens alone, weighted token by token over the whole optimizer step: every micro-batch gives its
/// weighted sum divided by the weight of the whole step, so the sum over the micro-batches is the loss of one big batch, however
/// lessons were packed or split.
/// </summary>
public static class TokenLoss
{
    /// <summary>The weighted sum of the cross-entropies, divided by the step's weight, from logits on.</summary>
    /// <param name="logits_NV">[N, V], any type; the softmax is taken in float32, or in float64 where they are.</param>
    /// <param name="tokens_N">[N] int64: the target token ids.</param>
    /// <param name="weights_N">[N] float32: their weights.</param>
    /// <param name="stepWeight">The weight of the whole step, above 0.</param>
    /// <param name="tokenLosses_N">[N] float64: gets the cross-entropies, not weighted; null: nobody asks.</param>
    /// <returns>Scalar float64: the sum over a step of many positions keeps its seventh digit.</returns>
    public static Tensor Of(
        Tensor logits_NV, Tensor tokens_N, Tensor weights_N, double stepWeight, Tensor? tokenLosses_N = null)
    {
        var exact_NV = logits_NV.element_size() < 4 ? logits_NV.to_type(ScalarType.Float32) : logits_NV;
        var losses_N = nn.functional.cross_entropy(exact_NV, tokens_N, reduction: nn.Reduction.None);
        var wide_N = losses_N.to_type(ScalarType.Float64);
        Keep(wide_N, tokenLosses_N);
        return wide_N.dot(weights_N.to_type(ScalarType.Float64)).Over(stepWeight);
    }

    private static void Keep(Tensor losses_N, Tensor? tokenLosses_N)
    {
        using var guard = no_grad();
        tokenLosses_N?.copy_(losses_N);
    }
}
