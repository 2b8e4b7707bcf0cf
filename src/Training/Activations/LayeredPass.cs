using Orca.Model.Network;
using Orca.Training.Loss;
using static TorchSharp.torch;

namespace Orca.Training.Activations;

// B rows, T tokens a row, E hidden size.

/// <summary>
/// Keeps each layer's input, and of a layer that is recomputed in part its first half; goes back layer by layer, computing what was not
/// kept once more, so that the graph of one layer exists at a time.
/// </summary>
internal sealed class LayeredPass : StudentPass
{
    private readonly bool keepsAttention;
    private readonly Stack<Layer> layers = [];
    private readonly Tensor last_BTE;

    public LayeredPass(LlamaModel model, BatchTensors batch, Recompute recompute)
        : base(model, batch)
    {
        keepsAttention = recompute == Recompute.Selective;
        var hidden_BTE = Without(Network.Embed);
        for (var layer = 0; layer < Network.Layers; layer++)
        {
            hidden_BTE = Forward(layer, hidden_BTE);
        }

        last_BTE = hidden_BTE.requires_grad_();
        Hidden_ME = Chosen(Network.Norm(last_BTE));
    }

    public override Tensor Hidden_ME { get; }

    public override void Backward(Tensor slope_ME, Action<int>? layerDone = null)
    {
        Hidden_ME.backward([slope_ME]);
        var slope_BTE = last_BTE.grad!;
        while (layers.TryPop(out var layer))
        {
            using var before = slope_BTE;
            slope_BTE = Backward(layer, before);
            layerDone?.Invoke(layers.Count);
        }

        using (slope_BTE)
        {
            using var scope = NewDisposeScope();
            // A frozen embedding is where nothing goes further back.
            var embedded_BTE = Network.Embed();
            if (embedded_BTE.requires_grad)
            {
                embedded_BTE.backward([slope_BTE]);
            }
        }
    }

    // The layer's output, a leaf.
    private Tensor Forward(int layer, Tensor input_BTE)
    {
        using var scope = NewDisposeScope();
        if (!keepsAttention)
        {
            layers.Push(new Layer(input_BTE.requires_grad_(), null));
            return Without(() => Network.FeedForward(layer, Network.Attend(layer, input_BTE))).MoveToOuterDisposeScope();
        }

        var middle_BTE = Network.Attend(layer, input_BTE.requires_grad_()).MoveToOuterDisposeScope();
        layers.Push(new Layer(input_BTE, middle_BTE));
        return Without(() => Network.FeedForward(layer, middle_BTE)).MoveToOuterDisposeScope();
    }

    // The slope in the layer's input, for the caller to dispose.
    private Tensor Backward(Layer layer, Tensor slope_BTE)
    {
        using (layer.Input_BTE)
        {
            using var scope = NewDisposeScope();
            var at = layers.Count;
            var middle_BTE = layer.Middle_BTE ?? Network.Attend(at, layer.Input_BTE);
            var leaf_BTE = middle_BTE.detach().requires_grad_();
            Network.FeedForward(at, leaf_BTE).backward([slope_BTE]);
            middle_BTE.backward([leaf_BTE.grad!]);
            layer.Middle_BTE?.Dispose();
            return layer.Input_BTE.grad!.DetachFromDisposeScope();
        }
    }

    private static Tensor Without(Func<Tensor> compute)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return compute().MoveToOuterDisposeScope();
    }

    /// <summary>What is kept of a layer: its input, a leaf, and what its first half gave, with its graph.</summary>
    private readonly record struct Layer(Tensor Input_BTE, Tensor? Middle_BTE);
}
