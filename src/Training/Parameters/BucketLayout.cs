using System.Collections.Immutable;
using System.Globalization;
using Orca.Model.Network;

namespace Orca.Training.Parameters;

/// <summary>Parameters that are moved together: by the same optimizer, all decayed or none.</summary>
/// <param name="Slots">Where each lies, one after another.</param>
/// <param name="AreLayerMatrices">Whether they are matrices of layers, neither embedding nor head.</param>
/// <param name="AreDecayed">
/// Whether weight decay acts on them: on matrices, not on norms, biases and the token embedding, which is the head too where they are
/// tied.
/// </param>
public sealed record BucketLayout(ImmutableArray<ParameterSlot> Slots, bool AreLayerMatrices, bool AreDecayed)
{
    /// <summary>Elements of a bucket where nothing else is said: 64 MiB in float32. A larger parameter has a bucket of its own.</summary>
    public const long DefaultMostElements = 16 << 20;

    /// <summary>Elements of the buffers, gaps between parameters included.</summary>
    public long Size => Slots[^1].End;

    /// <summary>The first layer that it holds matrices of; null where they are not of layers.</summary>
    public int? FirstLayer { get; } = AreLayerMatrices
        ? Slots.Min(slot => int.Parse(
            slot.Name[LlamaParameters.LayerPrefix.Length..slot.Name.IndexOf('.', LlamaParameters.LayerPrefix.Length)],
            CultureInfo.InvariantCulture))
        : null;

    /// <summary>
    /// Lays parameters out: the layers' matrices first, then what else is decayed, then the rest, each in the given order.
    /// </summary>
    /// <param name="parameters">At least one.</param>
    /// <param name="mostElements">Elements of a bucket, at most, where it holds more than one parameter.</param>
    public static ImmutableArray<BucketLayout> Of(
        IEnumerable<ParameterShape> parameters, long mostElements = DefaultMostElements)
    {
        var buckets = ImmutableArray.CreateBuilder<BucketLayout>();
        foreach (var kind in parameters.GroupBy(KindOf).OrderByDescending(kind => kind.Key))
        {
            var slots = ImmutableArray.CreateBuilder<ParameterSlot>();
            foreach (var parameter in kind)
            {
                var slot = new ParameterSlot(parameter.Name, parameter.Shape, slots.Count == 0 ? 0 : slots[^1].End);
                if (slots.Count > 0 && slot.End > mostElements)
                {
                    Close();
                    slot = slot with { Offset = 0 };
                }

                slots.Add(slot);
            }

            Close();

            void Close()
            {
                buckets.Add(new BucketLayout(slots.DrainToImmutable(), kind.Key.AreLayerMatrices, kind.Key.AreDecayed));
            }
        }

        return buckets.ToImmutable();
    }

    private static (bool AreLayerMatrices, bool AreDecayed) KindOf(ParameterShape parameter) => (
        !parameter.IsVector && parameter.Name.StartsWith(LlamaParameters.LayerPrefix, StringComparison.Ordinal),
        !parameter.IsVector && parameter.Name != LlamaParameters.EmbeddingName);
}
