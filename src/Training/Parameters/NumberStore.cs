using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

// N numbers of a bucket, n of a run of them.

/// <summary>
/// Numbers that lie in some form between steps and are worked on in float32, a run of them at a time. Owned by the trainer's thread.
/// </summary>
public abstract class NumberStore : IDisposable
{
    /// <summary>The tensors that hold them, each with its name, which is empty for the only one: what is saved and restored.</summary>
    public abstract IReadOnlyList<StoredPart> Parts { get; }

    /// <summary>Whether <see cref="Read"/> gives the store's own memory, so that all numbers can be worked on at once.</summary>
    public virtual bool IsFloat32 => false;

    /// <summary>Bytes of memory.</summary>
    public long Bytes => Parts.Sum(part => part.Values.numel() * part.Values.element_size());

    /// <summary>A run of them in float32, exactly: the store's own memory where it is float32, else a copy.</summary>
    /// <param name="start">First of them, a multiple of <see cref="ParameterSlot.Alignment"/>.</param>
    /// <param name="count">How many; such a multiple too.</param>
    /// <returns>[n] float32 in the caller's dispose scope.</returns>
    public abstract Tensor Read(long start, long count);

    /// <summary>Keeps a run of them, as nearly as the form can.</summary>
    /// <param name="start">As given to <see cref="Read"/>.</param>
    /// <param name="numbers_n">[n] float32: what was read, changed since.</param>
    /// <param name="rounding">How numbers between two that the form knows are rounded.</param>
    public abstract void Write(long start, Tensor numbers_n, Rounding rounding);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in Parts)
        {
            part.Values.Dispose();
        }

    }

    /// <summary>Zeros that belong to the store.</summary>
    private protected static Tensor Zeros(long count, ScalarType type, Device device) =>
        zeros(count, type, device).DetachFromDisposeScope();
}

/// <summary>A tensor of a <see cref="NumberStore"/>.</summary>
/// <param name="Name">Its name within the store; empty where there is no other.</param>
/// <param name="Values">The tensor, [N / Each], borrowed.</param>
/// <param name="Each">Numbers that an element stands for.</param>
public sealed record StoredPart(string Name, Tensor Values, long Each = 1)
{
    /// <summary>
    /// The elements of one parameter, and of the gap behind it where that shares its last one; the caller's scope owns it.
    /// </summary>
    public Tensor Of(ParameterSlot slot) =>
        Values.narrow(0, slot.Offset / Each, Each == 1 ? slot.Count : (slot.Count + Each - 1) / Each);
}
