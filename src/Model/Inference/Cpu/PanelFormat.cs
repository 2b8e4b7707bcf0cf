using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu;

/// <summary>What the weights of a matrix are kept in. Whatever it is, a panel is a sequence of 32-bit words, one of each of its 16 outputs at a time.</summary>
internal enum PanelFormat
{
    /// <summary>A word is a weight.</summary>
    Fp32,

    /// <summary>A word is two weights.</summary>
    Bf16,

    /// <summary>A word is two weights.</summary>
    Fp16,

    /// <summary>Groups of 32 weights with an fp16 scale; a word is four weights, each with 128 added.</summary>
    Int8,

    /// <summary>Groups of 32 weights with an fp16 scale; a word is four bytes, each of two weights 16 apart with 8 added.</summary>
    Int4,
}

/// <summary>Sizes of the formats.</summary>
internal static class PanelFormats
{
    /// <summary>Inputs of a group.</summary>
    public const int Group = 32;

    /// <summary>Whether weights are integers with scales.</summary>
    public static bool IsInteger(this PanelFormat format) => format is PanelFormat.Int8 or PanelFormat.Int4;

    /// <summary>Inputs as the kernels take them: whole pairs, or whole groups.</summary>
    public static int Padded(this PanelFormat format, int inputs)
    {
        var unit = format.IsInteger() ? Group : 2;
        return (inputs + unit - 1) / unit * unit;
    }

    /// <summary>Words of so many weights of one output, a padded number.</summary>
    public static int Words(this PanelFormat format, int inputs) => format switch
    {
        PanelFormat.Fp32 => inputs,
        PanelFormat.Int8 => inputs / 4,
        PanelFormat.Int4 => inputs / 8,
        _ => inputs / 2,
    };

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
            _ => rows.Encoding switch
            {
                WeightEncoding.BF16 => PanelFormat.Bf16,
                WeightEncoding.F16 => PanelFormat.Fp16,
                WeightEncoding.Q8_0 => PanelFormat.Int8,
                WeightEncoding.Q4_0 => PanelFormat.Int4,
                _ => PanelFormat.Fp32,
            },
        };
        return !format.IsInteger() || rows.Columns % Group == 0 ? format : throw new ModelFormatException(
            $"Weight '{name}' has {rows.Columns} inputs, no multiple of {Group}, so it cannot be kept as {wanted}; use bf16 or fp32 weights.");
    }
}
