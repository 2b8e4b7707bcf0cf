using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Model;
using Orca.Model.Weights;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Adapters;

/// <summary>
/// Adapters in PEFT's layout, <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> in float32: what a run goes on with, and what
/// <c>PeftModel.from_pretrained</c> of Hugging Face's peft puts beside the same base.
/// </summary>
internal static class PeftFolder
{
    private const string ConfigName = "adapter_config.json";
    private const string WeightsName = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";

    /// <summary>Writes both files into a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="adapters">The adapters by name, in float32; borrowed.</param>
    /// <param name="options">What they are.</param>
    /// <param name="baseFolder">The folder of the student beside which they were trained; null where it has none.</param>
    public static void Write(string folder, IReadOnlyDictionary<string, Tensor> adapters, LoraOptions options, string? baseFolder)
    {
        File.WriteAllBytes(Path.Combine(folder, ConfigName), JsonSerializer.SerializeToUtf8Bytes(
            new PeftConfig
            {
                BaseModelNameOrPath = baseFolder,
                R = options.Rank,
                LoraAlpha = options.Alpha,
                TargetModules = [.. options.Targets],
            },
            PeftJson.Default.PeftConfig));
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName), adapters.ToDictionary(adapter => Prefix + adapter.Key, adapter => adapter.Value));
    }

    /// <summary>Sets the adapters to what <see cref="Write"/> wrote, to the bit.</summary>
    /// <exception cref="ModelFormatException">The file is missing, damaged or of other adapters.</exception>
    public static void Read(string folder, StudentParameters adapters)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
        foreach (var name in adapters.Names)
        {
            using var scope = NewDisposeScope();
            adapters.Load(name, file.Map(Prefix + name));
        }
    }
}

/// <summary>The part of PEFT's <c>LoraConfig</c> that says what the adapters are; the rest are its defaults.</summary>
internal sealed record PeftConfig
{
    public string PeftType { get; init; } = "LORA";

    public string TaskType { get; init; } = "CAUSAL_LM";

    public required string? BaseModelNameOrPath { get; init; }

    public required int R { get; init; }

    public required double LoraAlpha { get; init; }

    public double LoraDropout { get; init; }

    public required string[] TargetModules { get; init; }

    public string Bias { get; init; } = "none";

    public bool FanInFanOut { get; init; }

    public bool InferenceMode { get; init; } = true;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PeftConfig))]
internal sealed partial class PeftJson : JsonSerializerContext;
