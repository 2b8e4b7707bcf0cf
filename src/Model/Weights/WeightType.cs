using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>A dtype of the safetensors format: its name there, its bytes, and libtorch's dtype where it has one.</summary>
internal sealed record WeightType(string Name, int Bytes, ScalarType? Type)
{
    private static readonly WeightType[] All =
    [
        new("F64", 8, ScalarType.Float64),
        new("I64", 8, ScalarType.Int64),
        new("U64", 8, null),
        new("F32", 4, ScalarType.Float32),
        new("I32", 4, ScalarType.Int32),
        new("U32", 4, null),
        new("BF16", 2, ScalarType.BFloat16),
        new("F16", 2, ScalarType.Float16),
        new("I16", 2, ScalarType.Int16),
        new("U16", 2, null),
        new("U8", 1, ScalarType.Byte),
        new("I8", 1, ScalarType.Int8),
        new("BOOL", 1, ScalarType.Bool),
        new("F8_E4M3", 1, null),
        new("F8_E5M2", 1, null),
        new("F8_E8M0", 1, null),
        new("F8_E4M3FNUZ", 1, null),
        new("F8_E5M2FNUZ", 1, null),
        new("C64", 8, null),
    ];

    public static string Known => string.Join(", ", All.Select(type => type.Name));

    public static WeightType? Find(string name) => Array.Find(All, type => type.Name == name);

    public static WeightType Of(ScalarType type) =>
        Array.Find(All, known => known.Type == type) ?? throw new ArgumentException($"Safetensors cannot hold {type}.", nameof(type));
}
