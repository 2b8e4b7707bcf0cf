using Orca.Model.Network;
using Orca.Training.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Activations;

// B rows, T tokens a row, E hidden size, M positions that bear loss.

/// <summary>
/// A micro-batch's way through the network to the hidden states that bear loss, and back. What is computed again on the way back gives the
/// same numbers as before: a memory flag changes neither loss nor gradients. Owned by the trainer's thread.
/// </summary>
internal abstract class StudentPass : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IPackedAttention attention;

    private protected StudentPass(LlamaModel model, BatchTensors batch)
    {
        attention = model.Attention(batch.Segments_BT);
        Network = model.Pass(batch.Tokens_BT, batch.Positions_BT, attention);
        Predictors_M = batch.Predictors_M!;
    }

    /// <summary>[M, E]: the hidden states that predict the tokens that bear loss; borrowed.</summary>
    public abstract Tensor Hidden_ME { get; }

    /// <summary>The parts of the network.</summary>
    private protected LlamaPass Network { get; }

    private Tensor Predictors_M { get; }

    /// <summary>The forward pass of a micro-batch with tokens that bear loss, on the model's device.</summary>
    public static StudentPass Forward(LlamaModel model, BatchTensors batch, Recompute recompute) =>
        recompute == Recompute.None ? new WholePass(model, batch) : new LayeredPass(model, batch, recompute);

    /// <summary>Adds the gradient of everything before the hidden states to the leaves' gradients.</summary>
    /// <param name="slope_ME">[M, E]: the loss's slope in <see cref="Hidden_ME"/>.</param>
    /// <param name="layerDone">Told of each layer whose gradients are complete, the last first.</param>
    public abstract void Backward(Tensor slope_ME, Action<int>? layerDone = null);

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        attention.Dispose();
        scope.Dispose();
    }

    private protected Tensor Chosen(Tensor hidden_BTE) => hidden_BTE.flatten(0, 1).index_select(0, Predictors_M);
}
