using Orca.Model.Network;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Loss;

// E hidden size, V vocabulary, N positions that bear loss, C positions of a chunk.

/// <summary>
/// The backward pass of a micro-batch's share of the loss, a few positions at a time: the logits of all of them, which of a large
/// vocabulary are many times what else the pass keeps, never exist together.
/// </summary>
/// <remarks>
/// Each chunk is gone through to its end, from the hidden states to the loss and back to them and to the head's weights, before the next
/// begins; then the rest of the network once. Sums over chunks are in float32 or wider.
/// </remarks>
/// <param name="parameters">Whose gradients are gathered.</param>
/// <param name="mostLogits">Logits of a chunk, C times V, at most; at least one position is taken at a time.</param>
public sealed class ChunkedLoss(StudentParameters parameters, long mostLogits = ChunkedLoss.DefaultMostLogits)
{
    /// <summary>64 MiB of float32.</summary>
    public const long DefaultMostLogits = 16 << 20;

    /// <summary>Adds the gradient of one micro-batch's share to the leaves' gradients.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batch">The micro-batch, on the model's device.</param>
    /// <param name="stepWeight">Sum of the weights of all micro-batches of the step, above 0.</param>
    /// <returns>The share; 0 where no token bears loss.</returns>
    public double Backward(LlamaModel model, BatchTensors batch, double stepWeight)
    {
        if (batch.Targets is not { } targets)
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        var hidden_NE = TokenLoss.Hidden(model, batch);
        var positions = (int)Math.Max(1, mostLogits / model.Config.VocabularySize);
        if (hidden_NE.shape[0] <= positions)
        {
            using var whole = TokenLoss.Of(model.Logits(hidden_NE), targets.Tokens_N, targets.Weights_N, stepWeight);
            whole.backward();
            return whole.item<float>();
        }

        var (share, slope_NE) = OverChunks(model, hidden_NE, targets, stepWeight, positions);
        hidden_NE.backward([slope_NE]);
        return share;
    }

    // The share, and its slope in the hidden states; the slope in the head's weights is gathered meanwhile.
    private (double Share, Tensor Slope_NE) OverChunks(
        LlamaModel model, Tensor hidden_NE, TargetTensors targets, double stepWeight, int positions)
    {
        var slope_NE = empty_like(hidden_NE).detach();
        var share = 0.0;
        for (var from = 0L; from < hidden_NE.shape[0]; from += positions)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(positions, hidden_NE.shape[0] - from);
            var hidden_CE = hidden_NE.narrow(0, from, count).detach().requires_grad_();
            var part = TokenLoss.Of(
                model.Logits(hidden_CE), targets.Tokens_N.narrow(0, from, count), targets.Weights_N.narrow(0, from, count), stepWeight);
            part.backward();
            parameters.GatherGradients(LlamaParameters.HeadNameOf(model.Config));
            share += part.item<float>();
            using var guard = no_grad();
            slope_NE.narrow(0, from, count).copy_(hidden_CE.grad!);
        }

        return (share, slope_NE);
    }
}
