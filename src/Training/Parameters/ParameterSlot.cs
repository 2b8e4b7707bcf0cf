using System.Collections.Immutable;
using Orca.Model.Network;

namespace Orca.Training.Parameters;

/// <summary>Where one parameter lies in its bucket's buffers.</summary>
/// <param name="Name">Its Hugging Face name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Index of its first element.</param>
public sealed record ParameterSlot(string Name, ImmutableArray<long> Shape, long Offset)
{
    /// <summary>Elements that every slot begins at a multiple of: blocks of what is stored narrower never reach into the next.</summary>
    public const long Alignment = 128;

    /// <summary>Elements of the parameter.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Index after its last element and the gap that aligns the next.</summary>
    public long End => (Offset + Count + Alignment - 1) / Alignment * Alignment;
}
