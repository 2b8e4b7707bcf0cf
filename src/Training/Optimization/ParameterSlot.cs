using System.Collections.Immutable;
using Orca.Model.Network;

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

    /// <summary>Whether it is a matrix of a layer, neither embedding nor head.</summary>
    public bool IsLayerMatrix => Shape.Length == 2 && Name.StartsWith(LlamaParameters.LayerPrefix, StringComparison.Ordinal);

    /// <summary>Matrices are decayed; norms, biases and the token embedding, which is the head too where they are tied, are not.</summary>
    public static bool IsDecayed(ParameterShape parameter) => !parameter.IsVector && parameter.Name != LlamaParameters.EmbeddingName;

    /// <summary>Lays parameters out one after another, the decayed ones first, otherwise in the given order.</summary>
    public static ImmutableArray<ParameterSlot> Lay(IEnumerable<ParameterShape> parameters)
    {
        var slots = ImmutableArray.CreateBuilder<ParameterSlot>();
        foreach (var parameter in parameters.OrderBy(parameter => IsDecayed(parameter) ? 0 : 1))
        {
            var offset = slots.Count == 0 ? 0 : slots[^1].End;
            slots.Add(new ParameterSlot(parameter.Name, parameter.Shape, offset, IsDecayed(parameter)));
        }

        return slots.ToImmutable();
    }
}
