using Orca.Model.Network;
using Orca.Model.Products;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Loss;

// E hidden size, V vocabulary, N positions that bear loss, C positions of a chunk.

/// <summary>
/// The loss of a micro-batch from its hidden states on, and its slope in them, a few positions at a time: the logits of all of them,
/// which of a large vocabulary are many times what else a pass keeps, never exist together. Sums over chunks are in float32 or wider.
/// </summary>
/// <param name="parameters">Whose gradients of the head's weights are gathered.</param>
/// <param name="mostLogits">Logits of a chunk, C times V, at most; at least one position is taken at a time.</param>
/// <param name="operators">What computes the loss; null: libtorch.</param>
public sealed class ChunkedLoss(
    StudentParameters parameters, long mostLogits = ChunkedLoss.DefaultMostLogits, PanelOperators? operators = null)
{
    /// <summary>
    /// 60 MiB of float32: blocks that are larger than a thread's heap of glibc, 64 MiB, are given back to the system each time, and
    /// cleared when they are asked for again.
    /// </summary>
    public const long DefaultMostLogits = 15 << 20;

    /// <summary>A micro-batch's share of the step's loss; adds its gradient in the head's weights to the leaf's gradient.</summary>
    /// <param name="model">The network.</param>
    /// <param name="hidden_NE">[N, E]: the hidden states that predict the targets.</param>
    /// <param name="targets">Tokens and weights of these positions.</param>
    /// <param name="stepWeight">Sum of the weights of all micro-batches of the step, above 0.</param>
    /// <param name="tokenLosses_N">[N] float64 on the device: gets the cross-entropies, not weighted; null: nobody asks.</param>
    /// <returns>The share, and its slope in the hidden states, [N, E], in the caller's scope.</returns>
    public (double Share, Tensor Slope_NE) SlopeOf(
        LlamaModel model, Tensor hidden_NE, TargetTensors targets, double stepWeight, Tensor? tokenLosses_N = null)
    {
        var slope_NE = empty_like(hidden_NE).detach();
        var positions = Math.Max(1, mostLogits / model.Config.VocabularySize);
        var share = 0.0;
        for (var from = 0L; from < hidden_NE.shape[0]; from += positions)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(positions, hidden_NE.shape[0] - from);
            var hidden_CE = hidden_NE.narrow(0, from, count).detach().requires_grad_();
            var part = Of(
                model.Logits(hidden_CE), targets.Tokens_N.narrow(0, from, count), targets.Weights_N.narrow(0, from, count), stepWeight,
                tokenLosses_N?.narrow(0, from, count));
            part.backward();
            parameters.GatherGradients(LlamaParameters.HeadNameOf(model.Config));
            share += part.item<double>();
            using var guard = no_grad();
            slope_NE.narrow(0, from, count).copy_(hidden_CE.grad!);
        }

        return (share, slope_NE);
    }

    private Tensor Of(Tensor logits_NV, Tensor tokens_N, Tensor weights_N, double stepWeight, Tensor? losses_N) =>
        operators?.CrossEntropy(logits_NV, tokens_N, weights_N, stepWeight, losses_N)
            ?? TokenLoss.Of(logits_NV, tokens_N, weights_N, stepWeight, losses_N);
}
