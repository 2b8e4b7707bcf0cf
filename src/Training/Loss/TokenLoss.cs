using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training.Packing;
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
    /// <summary>One micro-batch's share of the step's loss.</summary>
    /// <param name="model">The network; its head sees the N loss-bearing positions only, neither prompts nor padding.</param>
    /// <param name="batch">The micro-batch, on the model's device.</param>
    /// <param name="stepWeight">Sum of the weights of all micro-batches of the step, above 0.</param>
    /// <returns>
    /// Scalar float32 with its graph, for the caller's dispose scope; null where no token bears loss: it contributes nothing.
    /// </returns>
    public static Tensor? Of(LlamaModel model, BatchTensors batch, double stepWeight)
    {
        if (batch.Targets is null)
        {
            return null;
        }

        using var attention = new PackedAttention(batch.Segments_BT);
        var hidden_BTE = model.Hidden(batch.Tokens_BT, batch.Positions_BT, attention);
        var hidden_NE = hidden_BTE.flatten(0, 1).index_select(0, batch.Targets.Predictors_N);
        return Of(model.Logits(hidden_NE), batch.Targets, stepWeight);
    }

    /// <summary>The weighted sum of the cross-entropies, divided by the step's weight, from logits on.</summary>
    /// <param name="logits_NV">[N, V], any type; the softmax is taken in float32.</param>
    public static Tensor Of(Tensor logits_NV, TargetTensors targets, double stepWeight)
    {
        var losses_N = nn.functional.cross_entropy(logits_NV.to(ScalarType.Float32), targets.Tokens_N, reduction: nn.Reduction.None);
        return losses_N.dot(targets.Weights_N).Over(stepWeight);
    }
}
