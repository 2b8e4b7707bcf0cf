using System.Collections.Immutable;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>
/// All parameters that are trained, a student's own or those of its adapters, in buckets, and the leaves that the network computes with:
/// views of the buckets' weights in the compute type, whose gradients are views of their gradients. Owned by the trainer's thread.
/// </summary>
public sealed class StudentParameters : IDisposable
{
    private readonly Dictionary<string, (ParameterBucket Bucket, ParameterSlot Slot)> places = [];
    private readonly Dictionary<string, Tensor> leaves = [];
    private readonly List<Tensor> leafGradients = [];

    /// <summary>Parameters that are zero.</summary>
    /// <param name="buckets">As laid out by <see cref="BucketLayout.Of"/>.</param>
    /// <param name="forms">What they are kept in.</param>
    /// <param name="hasSecondMoments">Of which the optimizer keeps second moments.</param>
    /// <param name="device">Where everything lies.</param>
    public StudentParameters(
        ImmutableArray<BucketLayout> buckets, ParameterForms forms, Func<BucketLayout, bool> hasSecondMoments, Device device)
    {
        using var scope = NewDisposeScope();
        Buckets = ImmutableArray.CreateRange(
            buckets, layout => new ParameterBucket(layout, forms, hasSecondMoments(layout), device));
        foreach (var bucket in Buckets)
        {
            foreach (var slot in bucket.Layout.Slots)
            {
                var leaf = ParameterBucket.View(bucket.Compute_N, slot).detach().requires_grad_().DetachFromDisposeScope();
                leaves.Add(slot.Name, leaf);
                if (bucket.Gradients.IsHeld)
                {
                    var gradient = bucket.Gradients.PassOf(slot).DetachFromDisposeScope();
                    leaf.grad = gradient;
                    leafGradients.Add(gradient);
                }

                places.Add(slot.Name, (bucket, slot));
            }
        }
    }

    /// <summary>Them all, in the order in which they are moved.</summary>
    public ImmutableArray<ParameterBucket> Buckets { get; }

    /// <summary>Names of all parameters.</summary>
    public IReadOnlyCollection<string> Names => places.Keys;

    /// <summary>Another number after every change of the weights.</summary>
    public long Version { get; private set; }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => Buckets.Sum(bucket => bucket.Bytes);

    /// <summary>The tensor that the network computes with: requires a gradient, borrowed.</summary>
    public Tensor Leaf(string name) => leaves[name];

    /// <summary>One parameter's weights in float32, exactly; the caller's scope owns them.</summary>
    public Tensor Weights(string name) => ParameterBucket.Numbers(places[name].Bucket.Weights, places[name].Slot);

    /// <summary>The same in bfloat16 where they are kept in nothing else, without a copy; the caller's scope owns them.</summary>
    public Tensor KeptWeights(string name) => places[name].Bucket.Weights is RoundedStore
        ? ParameterBucket.View(places[name].Bucket.Compute_N, places[name].Slot)
        : Weights(name);

    /// <summary>One parameter's gradient in float32; the caller's scope owns it.</summary>
    public Tensor Gradient(string name)
    {
        var (bucket, slot) = places[name];
        using var flat = bucket.Gradients.Read(slot.Offset, slot.Count);
        return flat.view([.. slot.Shape]);
    }

    /// <summary>Sets one parameter's weights, to the nearest that their form knows.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="weights">In its shape, of any type, on any device; borrowed.</param>
    public void Load(string name, Tensor weights)
    {
        ParameterBucket.SetNumbers(places[name].Bucket.Weights, places[name].Slot, weights);
        NoteChange();
    }

    /// <summary>To be called when weights have been moved.</summary>
    public void NoteChange() => Version++;

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients()
    {
        using var guard = no_grad();
        foreach (var bucket in Buckets)
        {
            bucket.Gradients.Clear();
        }
    }

    /// <summary>Adds the gradients of the backward pass that just ran to the sums. Call it once after each.</summary>
    public void GatherGradients()
    {
        using var guard = no_grad();
        foreach (var bucket in Buckets)
        {
            bucket.Gradients.Gather();
        }
    }

    /// <summary>The same for one parameter alone, whose gradient grows in several passes; nothing where it is not trained.</summary>
    public void GatherGradients(string name)
    {
        if (places.TryGetValue(name, out var place))
        {
            using var guard = no_grad();
            place.Bucket.Gradients.Gather(place.Slot);
        }
    }

    /// <summary>Takes the gradients that the backward pass has just given to a bucket that does not hold its own.</summary>
    public void CollectGradients(ParameterBucket bucket)
    {
        if (bucket.Gradients.IsHeld)
        {
            return;
        }

        using var guard = no_grad();
        bucket.Gradients.Allocate();
        foreach (var slot in bucket.Layout.Slots)
        {
            var leaf = leaves[slot.Name];
            if (leaf.grad is not { } gradient)
            {
                continue;
            }

            using (gradient)
            {
                using var place = bucket.Gradients.PassOf(slot);
                place.copy_(gradient);
                leaf.grad = null;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in leaves.Values.Concat(leafGradients))
        {
            tensor.Dispose();
        }

        foreach (var bucket in Buckets)
        {
            bucket.Dispose();
        }
    }
}
