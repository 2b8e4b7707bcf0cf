using Orca.Model.Network;
using Orca.Training.Loss;
using static TorchSharp.torch;

namespace Orca.Training.Activations;

/// <summary>Keeps all that the backward pass needs.</summary>
internal sealed class WholePass : StudentPass
{
    public WholePass(LlamaModel model, BatchTensors batch)
        : base(model, batch)
        => Hidden_ME = Chosen(Network.Hidden());

    public override Tensor Hidden_ME { get; }

    public override void Backward(Tensor slope_ME, Action<int>? layerDone = null)
    {
        Hidden_ME.backward([slope_ME]);
        for (var layer = Network.Layers - 1; layer >= 0; layer--)
        {
            layerDone?.Invoke(layer);
        }
    }
}
