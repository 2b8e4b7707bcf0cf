using Orca.Model.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Checkpoints;

/// <summary>A network ready to run, and the weights that had to be cast or copied for it. Owned by one thread.</summary>
public sealed class LoadedModel : IDisposable
{
    private readonly List<Tensor> owned = [];

    internal LoadedModel(LlamaConfig config, IModelWeights weights, ScalarType compute, Device device)
    {
        try
        {
            var converted = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            Network = new LlamaModel(config, LlamaParameters.From(config, Converted), compute);

            // A tied embedding is asked for twice.
            Tensor Converted(string name)
            {
                if (!converted.TryGetValue(name, out var tensor))
                {
                    converted.Add(name, tensor = Convert(weights, name, compute, device));
                }

                return tensor;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The network.</summary>
    public LlamaModel Network { get; }

    /// <summary>Bytes of the weights that were cast or copied; those used where they are mapped cost none.</summary>
    public long OwnedBytes => owned.Sum(tensor => tensor.numel() * tensor.element_size());

    /// <summary>Frees the network and the weights made for it.</summary>
    public void Dispose()
    {
        // Null where the constructor failed.
        Network?.Dispose();
        foreach (var tensor in owned)
        {
            tensor.Dispose();
        }

        owned.Clear();
    }

    private Tensor Convert(IModelWeights weights, string name, ScalarType compute, Device device)
    {
        // A decoded weight belongs to this scope, a mapped one to nobody's.
        using var scope = NewDisposeScope();
        var stored = weights.Tensor(name);
        if (weights.IsMapped(name) && stored.dtype == compute && device.type == TorchSharp.DeviceType.CPU)
        {
            return stored;
        }

        var converted = stored.to(compute, device).DetachFromDisposeScope();
        owned.Add(converted);
        weights.Release(name);
        return converted;
    }
}
