using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>
/// What the weights of a matrix are kept in. A panel has 32 outputs; whatever the format, a unit of it is a sequence of 32-bit
/// words, one of each output at a time.
/// </summary>
internal enum PanelFormat
{
    /// <summary>Two inputs a unit; a word is a weight.</summary>
    Fp32,

    /// <summary>Two inputs a unit; a word is the weights of both, the first in its low half.</summary>
    Bf16,

    /// <summary>As bf16. Infinities and NaN are not expected.</summary>
    Fp16,

    /// <summary>32 inputs a unit; a word is four weights, each with 128 added; one fp16 scale an output follows them.</summary>
    Int8,

    /// <summary>
    /// 32 inputs a unit; a word is four bytes, each of two weights 16 apart with 8 added; one fp16 scale an output follows them.
    /// </summary>
    Int4,

    /// <summary>GGUF's Q4_K, 256 inputs a unit (<see cref="SuperBlockPanel"/>).</summary>
    Q4K,

    /// <summary>GGUF's Q5_K, likewise.</summary>
    Q5K,

    /// <summary>GGUF's Q6_K, likewise.</summary>
    Q6K,

    /// <summary>Two inputs a unit, signed bytes instead of words; scales are applied outside. For keys and values.</summary>
    Bytes,
}

/// <summary>Sizes of the formats.</summary>
internal static class PanelFormats
{
    /// <summary>Outputs of a panel.</summary>
    public const int PanelOutputs = 32;

    /// <summary>Inputs of a group that shares a scale.</summary>
    public const int Group = 32;

    /// <summary>Bytes of the scales of a unit of <see cref="IsGroup"/>.</summary>
    public const int ScaleBytes = PanelOutputs * sizeof(ushort);

    private const int LineBytes = 64;

    /// <summary>Whether a unit is a group of integers with one scale an output.</summary>
    public static bool IsGroup(this PanelFormat format) => format is PanelFormat.Int8 or PanelFormat.Int4;

    /// <summary>Whether a unit is eight groups of integers with scales of their own and one for all of them.</summary>
    public static bool IsSuperBlock(this PanelFormat format) => format is PanelFormat.Q4K or PanelFormat.Q5K or PanelFormat.Q6K;

    /// <summary>Inputs of a unit.</summary>
    public static int UnitInputs(this PanelFormat format) => format.IsGroup() ? Group : format.IsSuperBlock() ? SuperBlocks.Values : 2;

    /// <summary>Words of a unit of one output, scales left out.</summary>
    public static int UnitWords(this PanelFormat format) => format switch
    {
        PanelFormat.Fp32 => 2,
        PanelFormat.Int8 => 8,
        PanelFormat.Int4 => 4,
        PanelFormat.Q4K or PanelFormat.Q5K or PanelFormat.Q6K => SuperBlocks.Groups * SuperBlockPanel.GroupWords(format),
        _ => 1,
    };

    /// <summary>Bytes of a unit of one output that are no words: scales and minimums.</summary>
    public static int UnitScaleBytes(this PanelFormat format) =>
        format.IsGroup() ? sizeof(ushort) : format.IsSuperBlock() ? SuperBlockPanel.ScaleBytes(format) : 0;

    /// <summary>Bytes of a unit of a panel, scales included.</summary>
    public static int UnitBytes(this PanelFormat format) => format == PanelFormat.Bytes
        ? 2 * PanelOutputs
        : PanelOutputs * ((format.UnitWords() * sizeof(uint)) + format.UnitScaleBytes());

    /// <summary>
    /// Lines of the cache that a round of so many units asks for ahead: one in 2 to the power of <paramref name="share"/> of those it
    /// reads, at least one.
    /// </summary>
    public static int LinesAhead(this PanelFormat format, int units, int share) =>
        Math.Max(((units * format.UnitBytes() / LineBytes) + (1 << share) - 1) >> share, 1);

    /// <summary>Units of so many inputs, the last one padded.</summary>
    public static int Units(this PanelFormat format, int inputs) => (inputs + format.UnitInputs() - 1) / format.UnitInputs();

    /// <summary>Inputs of whole units.</summary>
    public static int Padded(this PanelFormat format, int inputs) => format.Units(inputs) * format.UnitInputs();

    /// <summary>What a matrix of a checkpoint is kept in.</summary>
    /// <exception cref="ModelFormatException">Its rows are no whole number of groups.</exception>
    public static PanelFormat For(WeightFormat wanted, IWeightRows rows, string name)
    {
        var format = wanted switch
        {
            WeightFormat.Fp32 => PanelFormat.Fp32,
            WeightFormat.Bf16 => PanelFormat.Bf16,
            WeightFormat.Int8 => PanelFormat.Int8,
            WeightFormat.Int4 => PanelFormat.Int4,
            _ => OfStored(rows.Encoding),
        };
        return !format.IsGroup() || rows.Columns % Group == 0 ? format : throw new ModelFormatException(
            $"Weight '{name}' has {rows.Columns} inputs, no multiple of {Group}, so it cannot be kept as {wanted}; use bf16 or fp32 "
                + "weights.");
    }

    /// <summary>About the bytes that values take where they are kept as stored: padding is left out.</summary>
    public static long BytesAsStored(WeightEncoding encoding, long values)
    {
        var format = OfStored(encoding);
        return values / format.UnitInputs() * (format.UnitBytes() / PanelOutputs);
    }

    private static PanelFormat OfStored(WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.BF16 => PanelFormat.Bf16,
        WeightEncoding.F16 => PanelFormat.Fp16,
        WeightEncoding.Q8_0 => PanelFormat.Int8,
        WeightEncoding.Q4_0 => PanelFormat.Int4,
        WeightEncoding.Q4_K => PanelFormat.Q4K,
        WeightEncoding.Q5_K => PanelFormat.Q5K,
        WeightEncoding.Q6_K => PanelFormat.Q6K,

        // Rare ones have no kernels: of what they state bf16 keeps about as many bits.
        WeightEncoding.Q4_1 or WeightEncoding.Q5_0 or WeightEncoding.Q5_1 => PanelFormat.Bf16,
        _ => PanelFormat.Fp32,
    };
}
