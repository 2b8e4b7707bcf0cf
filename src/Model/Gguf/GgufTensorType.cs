using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>The types of tensors; the numbers are those of the file.</summary>
internal static class GgufTensorType
{
    // All that the format has had, so that a type that is not read is at least named.
    private static readonly Dictionary<uint, string> Names = new()
    {
        [0] = "F32",
        [1] = "F16",
        [2] = "Q4_0",
        [3] = "Q4_1",
        [6] = "Q5_0",
        [7] = "Q5_1",
        [8] = "Q8_0",
        [9] = "Q8_1",
        [10] = "Q2_K",
        [11] = "Q3_K",
        [12] = "Q4_K",
        [13] = "Q5_K",
        [14] = "Q6_K",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [20] = "IQ4_NL",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [23] = "IQ4_XS",
        [24] = "I8",
        [25] = "I16",
        [26] = "I32",
        [27] = "I64",
        [28] = "F64",
        [29] = "IQ1_M",
        [30] = "BF16",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [39] = "MXFP4",
        [40] = "NVFP4",
    };

    /// <summary>The name of a type.</summary>
    public static string NameOf(uint id) => Names.TryGetValue(id, out var name) ? name : FormattableString.Invariant($"of type {id}");

    /// <summary>The number of an encoding.</summary>
    public static uint IdOf(WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.F32 => 0,
        WeightEncoding.F16 => 1,
        WeightEncoding.Q4_0 => 2,
        WeightEncoding.Q4_1 => 3,
        WeightEncoding.Q5_0 => 6,
        WeightEncoding.Q5_1 => 7,
        WeightEncoding.Q8_0 => 8,
        WeightEncoding.Q4_K => 12,
        WeightEncoding.Q5_K => 13,
        WeightEncoding.Q6_K => 14,
        WeightEncoding.BF16 => 30,
        _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "GGUF has no such encoding."),
    };

    /// <summary>The names of the types that are read, with commas.</summary>
    public static string Known { get; } = string.Join(", ", Enum.GetValues<WeightEncoding>());

    /// <summary>The encoding of a type; null for one that is not read.</summary>
    public static WeightEncoding? EncodingOf(uint id) =>
        Enum.GetValues<WeightEncoding>().Where(encoding => IdOf(encoding) == id)
            .Select(encoding => (WeightEncoding?)encoding).FirstOrDefault();
}
