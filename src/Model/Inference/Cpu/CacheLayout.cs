using System.Numerics.Tensors;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Network;

namespace Orca.Model.Inference.Cpu;

// D head dimension.

/// <summary>
/// Where the keys and values of a token lie: a head of a block holds its keys, a panel of 32 tokens with D inputs, then its
/// values, panels of 32 of D with 32 tokens as inputs, then the scales of both where they are int8.
/// </summary>
internal unsafe struct CacheLayout
{
    private const int Outputs = PanelFormats.PanelOutputs;
    private const int PanelValues = Outputs * CpuKeyValueStore.Tokens;

    public CacheLayout(LlamaConfig config, int blocks, CacheFormat format)
    {
        (Blocks, KvHeads, HeadDim, Format) = (blocks, config.KvHeads, config.HeadDim, format);
        PaddedDim = (HeadDim + Outputs - 1) / Outputs * Outputs;
        KeyBytes = (long)Panel.Units(HeadDim) * Panel.UnitBytes();
        ValuePanelBytes = Panel.Units(CpuKeyValueStore.Tokens) * Panel.UnitBytes();
        var scaleBytes = format == CacheFormat.Int8 ? 2 * CpuKeyValueStore.Tokens * sizeof(float) : 0;
        HeadBytes = KeyBytes + ((long)PaddedDim / Outputs * ValuePanelBytes) + scaleBytes;
    }

    /// <summary>The store's first byte.</summary>
    public byte* Memory { readonly get; set; }

    public int Blocks { get; }

    public int KvHeads { get; }

    /// <summary>D.</summary>
    public int HeadDim { get; }

    /// <summary>D rounded up to whole panels.</summary>
    public int PaddedDim { get; }

    public CacheFormat Format { get; }

    /// <summary>What its panels are kept in.</summary>
    /// <exception cref="InvalidOperationException">There is no such format.</exception>
    public readonly PanelFormat Panel => Format switch
    {
        CacheFormat.Fp32 => PanelFormat.Fp32,
        CacheFormat.Bf16 => PanelFormat.Bf16,
        CacheFormat.Int8 => PanelFormat.Bytes,
        _ => throw new InvalidOperationException($"Keys and values cannot be kept in {Format}."),
    };

    /// <summary>Bytes of the keys of one head.</summary>
    public long KeyBytes { get; }

    public int ValuePanelBytes { get; }

    /// <summary>Bytes of one head of a block.</summary>
    public long HeadBytes { get; }

    /// <summary>Bytes of a block in one layer.</summary>
    public readonly long BlockBytes => HeadBytes * KvHeads;

    /// <summary>Where one head of a block begins, with its keys.</summary>
    public readonly byte* Head(int layer, int block, int head) =>
        Memory + ((((long)layer * Blocks) + block) * BlockBytes) + (head * HeadBytes);

    /// <summary>Where its values begin.</summary>
    public readonly byte* Values(byte* head) => head + KeyBytes;

    /// <summary>fp32 scales of its 32 keys; those of its 32 values follow.</summary>
    public readonly float* Scales(byte* head) => (float*)(Values(head) + (PaddedDim / (long)Outputs * ValuePanelBytes));

    /// <summary>Writes one head of one token.</summary>
    /// <param name="head">From <see cref="Head"/>.</param>
    /// <param name="token">The token's place in the block, 0 to 31.</param>
    /// <param name="key">D values, rotated.</param>
    /// <param name="value">D values.</param>
    public readonly void Write(byte* head, int token, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        var values = Values(head);
        switch (Format)
        {
            case CacheFormat.Fp32:
                for (var d = 0; d < key.Length; d++)
                {
                    ((float*)head)[(Outputs * d) + token] = key[d];
                    ((float*)values)[PlaceOfValue(d, token)] = value[d];
                }

                break;
            case CacheFormat.Bf16:
                var keyWords = (uint*)head + token;
                var valueHalves = (ushort*)values + (2 * Outputs * (token / 2)) + (token % 2);
                for (var d = 0; d < key.Length; d += 2)
                {
                    keyWords[Outputs / 2 * d] = BFloat16Bits.Round(key[d]) | ((uint)BFloat16Bits.Round(key[d + 1]) << 16);
                    var to = valueHalves + (PanelValues * (d / Outputs)) + (2 * (d % Outputs));
                    to[0] = BFloat16Bits.Round(value[d]);
                    to[2] = BFloat16Bits.Round(value[d + 1]);
                }

                break;
            default:
                var scales = Scales(head);
                var keyInverse = Scale(key, scales + token);
                var valueInverse = Scale(value, scales + CpuKeyValueStore.Tokens + token);
                for (var d = 0; d < key.Length; d++)
                {
                    ((sbyte*)head)[(Outputs * d) + token] = (sbyte)MathF.Round(key[d] * keyInverse);
                    ((sbyte*)values)[PlaceOfValue(d, token)] = (sbyte)MathF.Round(value[d] * valueInverse);
                }

                break;
        }
    }

    private static int PlaceOfValue(int d, int token) => (PanelValues * (d / Outputs)) + (Outputs * token) + (d % Outputs);

    private static float Scale(ReadOnlySpan<float> values, float* scale)
    {
        var most = Math.Abs(TensorPrimitives.MaxMagnitude(values));
        *scale = most / 127;
        return most > 0 ? 127 / most : 0;
    }
}
