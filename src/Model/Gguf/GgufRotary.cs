using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>How a GGUF file says that the rotary frequencies are stretched.</summary>
internal static class GgufRotary
{
    private const string Scale = "llama.rope.scaling.";
    private const float Tolerance = 1e-4f;

    // LLaMA 3.1 to 3.3 share all but the factor, and a file holds only the frequencies that came of them.
    private const double LowFrequencyFactor = 1;
    private const double HighFrequencyFactor = 4;
    private const int OriginalMaxPositions = 8192;

    /// <summary>The scaling of the file's model; null: none.</summary>
    /// <exception cref="ModelFormatException">It is of a kind that is not supported.</exception>
    public static RopeScaling? Scaling(GgufFile file, LlamaConfig config)
    {
        var metadata = file.Metadata;
        var type = metadata.Text(Scale + "type") ?? (metadata.Contains("llama.rope.scale_linear") ? "linear" : "none");
        var factor = metadata.Number(Scale + "factor") ?? metadata.Number("llama.rope.scale_linear") ?? 1;
        if (type is not ("none" or "linear"))
        {
            throw metadata.Fault(Scale + "type", $"is {GgufFile.Quoted(type)}; supported are none and linear");
        }

        if (!(factor >= 1 && double.IsFinite(factor)))
        {
            throw metadata.Fault(Scale + "factor", FormattableString.Invariant($"is {factor}; it must be at least 1"));
        }

        RopeScaling? linear = type == "linear" && factor > 1 ? new RopeScaling.Linear(factor) : null;
        if (!file.Tensors.TryGetValue(GgufNames.RotaryFactors, out var tensor))
        {
            return linear;
        }

        var scaling = linear is null ? Llama3(file, tensor, config) : null;
        return scaling ?? throw new ModelFormatException(
            $"{file.Source}: the tensor '{GgufNames.RotaryFactors}' stretches the rotary frequencies in another way than LLaMA 3.1, which is not supported.");
    }

    private static RopeScaling.Llama3? Llama3(GgufFile file, GgufTensor tensor, LlamaConfig config)
    {
        var pairs = config.HeadDim / 2;
        if (tensor.Encoding != WeightEncoding.F32 || !tensor.Shape.SequenceEqual([pairs]))
        {
            return null;
        }

        var factors = new float[pairs];
        file.Rows(tensor, pairedHeadDim: 0).ReadFloats(0, factors);
        var scaling = new RopeScaling.Llama3(factors.Max(), LowFrequencyFactor, HighFrequencyFactor, OriginalMaxPositions);
        return Enumerable.Range(0, pairs).All(pair => Math.Abs((Wanted(pair) / factors[pair]) - 1) < Tolerance) ? scaling : null;

        double Wanted(int pair) =>
            RopeScaling.Unscaled(pair, pairs, config.RopeTheta) / scaling.Frequency(pair, pairs, config.RopeTheta, 1, config.MaxPositions);
    }
}
