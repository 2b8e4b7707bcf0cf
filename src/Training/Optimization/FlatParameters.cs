using System.Collections.Immutable;
using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

// N elements of all parameters together, gaps between them included.

/// <summary>
/// All parameters in one buffer: master weights and gradients in float32, and the leaves that the network computes with, in the
/// compute type. One kernel call then clips, updates or casts everything, however many parameters there are.
/// </summary>
/// <remarks>
/// In float32 the leaves are views of the master weights and their gradients views of <see cref="Gradients"/>. In another type they
/// are views of a copy, whose gradients are added to <see cref="Gradients"/> after every micro-batch, so that accumulation is always
/// in float32. Owned by the trainer's thread.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    private readonly Tensor? compute_N;
    private readonly Tensor? computeGradients_N;
    private readonly Dictionary<string, Tensor> leaves = [];
    private readonly List<Tensor> leafGradients = [];

    /// <summary>Buffers of zeros for the given parameters.</summary>
    /// <param name="slots">As laid out by <see cref="ParameterSlot.Lay"/>, at least one.</param>
    /// <param name="compute">Type of the leaves: float32, bfloat16 or float16.</param>
    /// <param name="device">Where everything lies.</param>
    public FlatParameters(ImmutableArray<ParameterSlot> slots, ScalarType compute, Device device)
    {
        using var scope = NewDisposeScope();
        Slots = slots;
        var size = slots[^1].End;
        DecayedCount = slots.Where(slot => slot.Decayed).Select(slot => slot.End).DefaultIfEmpty(0).Max();
        Values = zeros(size, ScalarType.Float32, device).DetachFromDisposeScope();
        Gradients = zeros(size, ScalarType.Float32, device).DetachFromDisposeScope();
        if (compute != ScalarType.Float32)
        {
            compute_N = zeros(size, compute, device).DetachFromDisposeScope();
            computeGradients_N = zeros(size, compute, device).DetachFromDisposeScope();
        }

        foreach (var slot in slots)
        {
            var leaf = View(compute_N ?? Values, slot).detach().requires_grad_().DetachFromDisposeScope();
            var gradient = View(computeGradients_N ?? Gradients, slot).DetachFromDisposeScope();
            leaf.grad = gradient;
            leaves.Add(slot.Name, leaf);
            leafGradients.Add(gradient);
        }
    }

    /// <summary>Where each parameter lies.</summary>
    public ImmutableArray<ParameterSlot> Slots { get; }

    /// <summary>The first elements of the buffers that weight decay acts on; the rest is never decayed.</summary>
    public long DecayedCount { get; }

    /// <summary>[N] float32: the master weights. Call <see cref="RefreshLeaves"/> after changing them.</summary>
    public Tensor Values { get; }

    /// <summary>[N] float32: the gradients gathered since <see cref="ClearGradients"/>.</summary>
    public Tensor Gradients { get; }

    /// <summary>The tensor the network computes with: requires a gradient, borrowed.</summary>
    public Tensor Leaf(string name) => leaves[name];

    /// <summary>A view of one parameter in a buffer of the layout of <see cref="Values"/>; the caller disposes it.</summary>
    public static Tensor View(Tensor buffer_N, ParameterSlot slot)
    {
        using var flat = buffer_N.narrow(0, slot.Offset, slot.Count);
        return flat.view([.. slot.Shape]);
    }

    /// <summary>
    /// Copies one parameter's values in, whatever their type and device. Call <see cref="RefreshLeaves"/> after the last.
    /// </summary>
    public void Load(ParameterSlot slot, Tensor values)
    {
        using var guard = no_grad();
        using var view = View(Values, slot);
        view.copy_(values);
    }

    /// <summary>Brings the leaves up to date with the master weights.</summary>
    public void RefreshLeaves()
    {
        using var guard = no_grad();
        compute_N?.copy_(Values);
    }

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients()
    {
        using var guard = no_grad();
        Gradients.zero_();
        computeGradients_N?.zero_();
    }

    /// <summary>Adds the gradients of the backward pass that just ran to <see cref="Gradients"/>. Call it once after each.</summary>
    public void GatherGradients()
    {
        if (computeGradients_N is null)
        {
            return;
        }

        using var guard = no_grad();
        Gradients.Plus_(computeGradients_N);
        computeGradients_N.zero_();
    }

    /// <summary>The same for one parameter alone, whose gradient grows in several passes.</summary>
    public void GatherGradients(string name)
    {
        if (computeGradients_N is null)
        {
            return;
        }

        using var guard = no_grad();
        var slot = Slots.First(slot => slot.Name == name);
        using var gathered = View(Gradients, slot);
        using var grown = View(computeGradients_N, slot);
        gathered.Plus_(grown);
        grown.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in leaves.Values.Concat(leafGradients))
        {
            tensor.Dispose();
        }

        compute_N?.Dispose();
        computeGradients_N?.Dispose();
        Values.Dispose();
        Gradients.Dispose();
    }
}
