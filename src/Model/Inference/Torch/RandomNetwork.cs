using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Inference.Torch;

/// <summary>A network of random weights, made on its device, to time engines on.</summary>
internal sealed class RandomNetwork : IDisposable
{
    private readonly Dictionary<string, Tensor> weights = [];

    public RandomNetwork(LlamaConfig config, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        foreach (var shape in LlamaParameters.ShapesOf(config))
        {
            var values = shape.IsVector
                ? ones(shape.Shape.AsSpan(), dtype, device)
                : empty(shape.Shape.AsSpan(), dtype, device).normal_(0, 0.02);
            weights.Add(shape.Name, values.DetachFromDisposeScope());
        }

        Network = new LlamaModel(config, LlamaParameters.From(config, name => weights[name]), dtype);
    }

    public LlamaModel Network { get; }

    public void Dispose()
    {
        Network.Dispose();
        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }
    }
}
