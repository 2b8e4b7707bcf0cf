using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>How a GGUF file says that the rotary frequencies are stretched.</summary>
internal static class GgufRotary
{
    private const float Tolerance = 1e-4f;

    // LLaMA 3.1 to 3.3 share all but the factor, and a file holds only what became of them for each pair.
    private const double LowFrequencyFactor = 1;
    private const double HighFrequencyFactor = 4;
    private const int OriginalMaxPositions = 8192;

    /// <summary>The scaling of the file's model; null: none.</summary>
    /// <exception cref="ModelFormatException">It is of a kind that is not supported.</exception>
    public static RopeScaling? Scaling(GgufFile file, GgufFamily family, LlamaConfig config)
    {
        var metadata = file.Metadata;
        var scale = family.Name + ".rope.scaling.";
        var factor = metadata.Number(scale + "factor") ?? metadata.Number(family.Name + ".rope.scale_linear") ?? 0;
        if (factor != 0 && !(factor >= 1 && double.IsFinite(factor)))
        {
            throw metadata.Fault(scale + "factor", FormattableString.Invariant($"is {factor}; it must be at least 1"));
        }

        // A factor without a type is a linear one, and 0 is none, as llama.cpp has it.
        RopeScaling? stated = (metadata.Text(scale + "type") ?? "linear") switch
        {
            "none" => null,
            "linear" => factor > 1 ? new RopeScaling.Linear(factor) : null,
            "yarn" => factor > 1 ? Yarn(metadata, scale, factor, config) : null,
            var other => throw metadata.Fault(scale + "type", $"is {GgufFile.Quoted(other)}; supported are none, linear and yarn"),
        };
        if (!family.HasRotaryFactors || !file.Tensors.TryGetValue(GgufNames.RotaryFactors, out var tensor))
        {
            return stated;
        }

        var scaling = stated is null ? Llama3(file, tensor, config) : null;
        return scaling ?? throw new ModelFormatException(
            $"{file.Source}: the tensor '{GgufNames.RotaryFactors}' stretches the rotary frequencies in another way than LLaMA 3.1, "
                + "which is not supported.");
    }

    /// <summary>Says in a file how the frequencies are stretched; LLaMA 3.1's way is a tensor of its own.</summary>
    /// <exception cref="ModelFormatException">GGUF has no word for it.</exception>
    public static void Write(GgufWriter writer, string folder, GgufFamily family, RopeScaling scaling)
    {
        var scale = family.Name + ".rope.scaling.";
        switch (scaling)
        {
            case RopeScaling.Linear linear:
                writer.Add(scale + "type", "linear");
                writer.Add(scale + "factor", (float)linear.Factor);
                break;
            case RopeScaling.Yarn { BetaFast: 32, BetaSlow: 1, Truncates: true } yarn:
                writer.Add(scale + "type", "yarn");
                writer.Add(scale + "factor", (float)yarn.Factor);
                writer.Add(scale + "original_context_length", (uint)yarn.OriginalMaxPositions);
                if (yarn.GivenAttentionFactor is { } given)
                {
                    writer.Add(scale + "attn_factor", (float)(given / RopeScaling.Yarn.Magnitude(yarn.Factor, 1)));
                }

                break;
            case RopeScaling.Llama3 when family.HasRotaryFactors:
                break;
            default:
                throw new ModelFormatException(
                    $"'{folder}' scales its rotary positions in a way, {scaling.Name}, that GGUF's {family.Name} has no words for; serve "
                        + "the folder as it is.");
        }
    }

    // llama.cpp multiplies cosines and sines by the paper's factor and by attn_factor.
    private static RopeScaling.Yarn Yarn(GgufMetadata metadata, string scale, double factor, LlamaConfig config)
    {
        foreach (var key in new[] { "yarn_ext_factor", "yarn_attn_factor" })
        {
            if (metadata.Number(scale + key) is { } found and not (1 or -1))
            {
                throw metadata.Fault(scale + key, FormattableString.Invariant($"is {found}; supported is 1"));
            }
        }

        if (metadata.Number(scale + "yarn_log_multiplier") is { } multiplier and not 0)
        {
            throw metadata.Fault(scale + "yarn_log_multiplier", FormattableString.Invariant($"is {multiplier}; supported is 0"));
        }

        var original = metadata.Integer(scale + "original_context_length") is > 0 and <= int.MaxValue and var stated
            ? (int)stated
            : config.MaxPositions;
        var yarn = new RopeScaling.Yarn(factor, original)
        {
            BetaFast = metadata.Number(scale + "yarn_beta_fast") ?? 32,
            BetaSlow = metadata.Number(scale + "yarn_beta_slow") ?? 1,
        };
        return metadata.Number(scale + "attn_factor") is { } own and not (0 or 1)
            ? yarn with { GivenAttentionFactor = own * yarn.AttentionFactor }
            : yarn;
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
        var most = factors.Max();
        return Originals(factors, most, config)
            .Select(original => new RopeScaling.Llama3(most, LowFrequencyFactor, HighFrequencyFactor, original))
            .FirstOrDefault(scaling => Enumerable.Range(0, pairs).All(pair => Math.Abs((Wanted(scaling, pair) / factors[pair]) - 1) < Tolerance));

        double Wanted(RopeScaling scaling, int pair) =>
            RopeScaling.Unscaled(pair, pairs, config.RopeTheta) / scaling.Frequency(pair, pairs, config.RopeTheta, length: 1);
    }

    // The published models' length, then those at which a pair between kept and divided would be blended as the file has it.
    private static IEnumerable<int> Originals(float[] factors, float most, LlamaConfig config) =>
        factors.Select((factor, pair) =>
        {
            var kept = ((1.0 / factor) - (1.0 / most)) / (1 - (1.0 / most));
            var waves = LowFrequencyFactor + (kept * (HighFrequencyFactor - LowFrequencyFactor));
            return kept is > 0.01 and < 0.99 ? waves * 2 * Math.PI / RopeScaling.Unscaled(pair, factors.Length, config.RopeTheta) : 0;
        })
        .Where(original => original is >= 1 and < int.MaxValue)
        .Select(original => (int)Math.Round(original))
        .Prepend(OriginalMaxPositions);
}
