using System.Collections.Immutable;

namespace Orca.Training.Optimization;

/// <summary>Where one parameter lies in the flat buffers.</summary>
/// <param name="Name">Its Hugging Face name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Index of its first element.</param>
/// <param name="Decayed">Whether weight decay acts on it.</param>
public sealed record ParameterSlot(string Name, ImmutableArray<long> Shape, long Offset, bool Decayed)
{
    // 64 elements: 256 bytes of float32 or 128 of bfloat16, whole cache lines either way.
    private const long Alignment = 64;

    /// <summary>Elements of the parameter.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Index after its last element and the gap that aligns the next.</summary>
    public long End => (Offset + Count + Alignment - 1) / Alignment * Alignment;

    /// <summary>Matrices other than token embeddings are decayed; norms and embeddings are not.</summary>
    public static bool IsDecayed(string name, IReadOnlyCollection<long> shape) =>
        shape.Count > 1 && !name.EndsWith("embed_tokens.weight", StringComparison.Ordinal);

    /// <summary>Lays parameters out one after another, the decayed ones first, otherwise in the given order.</summary>
    public static ImmutableArray<ParameterSlot> Lay(IEnumerable<(string Name, ImmutableArray<long> Shape)> parameters)
    {
        var slots = ImmutableArray.CreateBuilder<ParameterSlot>();
        foreach (var (name, shape) in parameters.OrderBy(parameter => IsDecayed(parameter.Name, parameter.Shape) ? 0 : 1))
        {
            var offset = slots.Count == 0 ? 0 : slots[^1].End;
            slots.Add(new ParameterSlot(name, shape, offset, IsDecayed(name, shape)));
        }

        return slots.ToImmutable();
    }
}
