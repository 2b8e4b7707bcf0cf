using Orca.Model.Network;
using Orca.Training.Loss;
using static TorchSharp.torch;

namespace Orca.Training.Activations;

/// <summary>Keeps all that the backward pass needs.</summary>
internal sealed class WholePass : StudentPass
{
    public WholePass(LlamaModel model, BatchTensors batch)
        : base(model, batch)
        => Hidden_NE = Chosen(Network.Hidden());

    public override Tensor Hidden_NE { get; }

    public override void Backward(Tensor slope_NE, Action<int>? layerDone = null)
    {
        Hidden_NE.backward([slope_NE]);
        for (var layer = Network.Layers - 1; layer >= 0; layer--)
        {
            layerDone?.Invoke(layer);
        }
    }
}
