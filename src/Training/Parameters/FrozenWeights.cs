using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>
/// Weights that are computed with and never moved, without gradients or moments: in float32; where bfloat16 is computed with, as exactly
/// in two halves, or in bfloat16 alone where the forms say so. Owned by the trainer's thread.
/// </summary>
public sealed class FrozenWeights : IDisposable
{
    private readonly Dictionary<string, Frozen> weights = [];

    /// <summary>Zeros.</summary>
    /// <param name="shapes">Of each weight.</param>
    /// <param name="forms">What trained weights would be kept in.</param>
    /// <param name="device">Where they lie.</param>
    public FrozenWeights(IEnumerable<ParameterShape> shapes, ParameterForms forms, Device device)
    {
        using var scope = NewDisposeScope();
        // What never changes needs no master beside the copy that is computed with.
        forms = forms.Weights == WeightForm.Float32 ? forms with { Weights = WeightForm.Split } : forms;
        foreach (var shape in shapes)
        {
            var slot = new ParameterSlot(shape.Name, shape.Shape, Offset: 0);
            var store = forms.NewWeights(slot.End, device);
            using var view = ParameterBucket.View(((IComputeWeights)store).Compute_N, slot);
            weights.Add(shape.Name, new Frozen(slot, store, view.detach().DetachFromDisposeScope()));
        }
    }

    /// <summary>Names of them all.</summary>
    public IReadOnlyCollection<string> Names => weights.Keys;

    /// <summary>How many numbers they are.</summary>
    public long Count => weights.Values.Sum(weight => weight.Slot.Count);

    /// <summary>Bytes of memory.</summary>
    public long Bytes => weights.Values.Sum(weight => weight.Store.Bytes);

    /// <summary>Another number after every <see cref="Load"/>.</summary>
    public long Version { get; private set; }

    /// <summary>The tensor that the network computes with: without a gradient, borrowed.</summary>
    public Tensor Compute(string name) => weights[name].Compute;

    /// <summary>One of them in float32, exactly; the caller's scope owns it.</summary>
    public Tensor Weights(string name) => ParameterBucket.Numbers(weights[name].Store, weights[name].Slot);

    /// <summary>The same in bfloat16 where they are kept in nothing else, without a copy; the caller's scope owns it.</summary>
    public Tensor KeptWeights(string name) => weights[name].Store is RoundedStore ? weights[name].Compute.alias() : Weights(name);

    /// <summary>Sets one of them, to the nearest that its form knows.</summary>
    /// <param name="name">The weight.</param>
    /// <param name="numbers">In its shape, of any type, on any device; borrowed.</param>
    public void Load(string name, Tensor numbers)
    {
        ParameterBucket.SetNumbers(weights[name].Store, weights[name].Slot, numbers);
        Version++;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in weights.Values)
        {
            weight.Compute.Dispose();
            weight.Store.Dispose();
        }
    }

    private sealed record Frozen(ParameterSlot Slot, NumberStore Store, Tensor Compute);
}
