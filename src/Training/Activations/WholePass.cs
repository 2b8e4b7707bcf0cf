using Orca.Model.Network;
using Orca.Training.Loss;
using static TorchSharp.torch;

namespace Orca.Training.Activations;

/// <summary>Keeps all that the backward pass needs.</summary>
internal sealed class WholePass : StudentPass
{
    public WholePass(LlamaModel model, BatchTensors batch)
        : base(model, batch)
    {
        var hidden_BTE = Network.Embed();
        for (var layer = 0; layer < Network.Layers; layer++)
        {
            using var before = hidden_BTE;
            using var middle_BTE = Network.Attend(layer, before);
            hidden_BTE = Network.FeedForward(layer, middle_BTE);
        }

        Hidden_NE = Chosen(Network.Norm(hidden_BTE));
    }

    public override void Backward(Tensor slope_NE, Action<int>? layerDone = null)
    {
        Hidden_NE.backward([slope_NE]);
        for (var layer = Network.Layers - 1; layer >= 0; layer--)
        {
            layerDone?.Invoke(layer);
        }
    }
}
