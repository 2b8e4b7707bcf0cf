using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Orca.Model.Network;

/// <summary>
/// The rotary part of config.json: <c>rope_theta</c> with <c>rope_scaling</c>, as transformers 4 writes it, or both in
/// <c>rope_parameters</c>, as version 5 does. Where several say something, they must say the same.
/// </summary>
internal static class RotaryConfigJson
{
    private const double DefaultTheta = 10_000;

    // Said of how the model was made.
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(StringComparer.Ordinal, "finetuned");

    /// <summary>Base, scaling, and how many tokens a sequence may have.</summary>
    /// <param name="json">config.json.</param>
    /// <param name="positions">Its max_position_embeddings.</param>
    /// <exception cref="ModelFormatException">Something contradicts something else, or is not understood; the message names it.</exception>
    public static (double Theta, RopeScaling? Scaling, int MaxPositions) Read(ConfigObject json, int positions)
    {
        var (parameters, scaling) = (json.Child("rope_parameters"), json.Child("rope_scaling"));
        var rope = parameters is null ? scaling : scaling is null ? parameters : parameters.With(scaling);
        var outer = json.OptionalNumber("rope_theta");
        json.RequireNeutral("partial_rotary_factor", "1.0");
        if (rope is null)
        {
            return (outer ?? DefaultTheta, null, positions);
        }

        var inner = rope.OptionalNumber("rope_theta");
        if (inner is not null && outer is not null && inner != outer)
        {
            throw rope.Fault(
                "rope_theta", inner,
                FormattableString.Invariant($"the same as config.json's own rope_theta, {outer}; take one of them out"));
        }

        rope.RequireNeutral("partial_rotary_factor", "1.0");
        var read = Scaling(rope, positions);
        rope.RequireAllUnderstood(Harmless);
        return (inner ?? outer ?? DefaultTheta, read.Scaling, read.MaxPositions);
    }

    /// <summary>What max_position_embeddings a reader has to find, and the scaling in transformers 4's form, which 5 reads too.</summary>
    public static (int Positions, JsonObject? Scaling) Write(LlamaConfig config)
    {
        var json = config.RopeScaling is { } named ? new JsonObject { ["rope_type"] = named.Name } : null;
        switch (config.RopeScaling)
        {
            case RopeScaling.Linear linear:
                json!["factor"] = linear.Factor;
                var original = (int)Math.Ceiling(config.MaxPositions / linear.Factor);
                if (Lengthened(original, linear.Factor) == config.MaxPositions)
                {
                    return (original, json);
                }

                json["original_max_position_embeddings"] = original;
                break;
            case RopeScaling.Dynamic dynamic:
                json!["factor"] = dynamic.Factor;
                return (dynamic.OriginalMaxPositions, json);
            case RopeScaling.Llama3 llama3:
                json!["factor"] = llama3.Factor;
                json["low_freq_factor"] = llama3.LowFrequencyFactor;
                json["high_freq_factor"] = llama3.HighFrequencyFactor;
                json["original_max_position_embeddings"] = llama3.OriginalMaxPositions;
                break;
            case RopeScaling.Yarn yarn:
                json!["factor"] = yarn.Factor;
                json["original_max_position_embeddings"] = yarn.OriginalMaxPositions;
                json["attention_factor"] = yarn.GivenAttentionFactor;
                json["beta_fast"] = yarn.BetaFast;
                json["beta_slow"] = yarn.BetaSlow;
                json["truncate"] = yarn.Truncates;
                break;
        }

        return (config.MaxPositions, json);
    }

    private static (RopeScaling? Scaling, int MaxPositions) Scaling(ConfigObject json, int positions)
    {
        var (type, older) = (json.Text("rope_type"), json.Text("type"));
        if (type is not null && older is not null && type != older)
        {
            throw json.Fault("type", $"'{older}'", $"the same as rope_type, '{type}'; take one of them out");
        }

        return (type ?? older ?? "default") switch
        {
            "default" => (null, positions),
            "linear" => Linear(json, positions),
            "dynamic" => Dynamic(json, positions),
            "llama3" => (Llama3(json), positions),
            "yarn" => Yarn(json, positions),
            var other => throw json.Fault("rope_type", $"'{other}'", "default, linear, dynamic, llama3 or yarn"),
        };
    }

    // max_position_embeddings is what the model was trained on, unless another key says that.
    private static (RopeScaling Scaling, int MaxPositions) Linear(ConfigObject json, int positions)
    {
        var factor = Factor(json);
        return (new RopeScaling.Linear(factor), Original(json) is null ? Lengthened(positions, factor) : positions);
    }

    private static (RopeScaling Scaling, int MaxPositions) Dynamic(ConfigObject json, int positions)
    {
        var factor = Factor(json);
        if (Original(json) is { } original && original != positions)
        {
            throw json.Fault(
                "original_max_position_embeddings", original,
                $"the same as max_position_embeddings, {positions}, from where dynamic scaling begins");
        }

        return (new RopeScaling.Dynamic(factor, positions), Lengthened(positions, factor));
    }

    private static RopeScaling.Llama3 Llama3(ConfigObject json)
    {
        var low = json.Number("low_freq_factor", 1);
        var high = json.Number("high_freq_factor", 4);
        if (!(high > low))
        {
            throw json.Fault("high_freq_factor", high, FormattableString.Invariant($"above low_freq_factor, {low}"));
        }

        var original = json.Integer("original_max_position_embeddings");
        return original > 0
            ? new RopeScaling.Llama3(Factor(json), low, high, original)
            : throw json.Fault("original_max_position_embeddings", original, "positive");
    }

    private static (RopeScaling Scaling, int MaxPositions) Yarn(ConfigObject json, int positions)
    {
        var given = Original(json);
        var original = given ?? positions;
        var factor = json.OptionalNumber("factor") is null && given is not null ? Math.Max(1, (double)positions / original) : Factor(json);
        var (fast, slow) = (json.OptionalNumber("beta_fast") ?? 32, json.OptionalNumber("beta_slow") ?? 1);
        if (!(slow > 0 && fast >= slow))
        {
            throw json.Fault("beta_fast", fast, FormattableString.Invariant($"at least beta_slow, {slow}, and both positive"));
        }

        var yarn = new RopeScaling.Yarn(factor, original)
        {
            BetaFast = fast,
            BetaSlow = slow,
            Truncates = json.Boolean("truncate", fallback: true),
            GivenAttentionFactor = AttentionFactor(json, factor),
        };
        return (yarn, Math.Max(positions, Lengthened(original, factor)));
    }

    private static double? AttentionFactor(ConfigObject json, double factor)
    {
        var (mscale, ofAll) = (json.OptionalNumber("mscale") ?? 0, json.OptionalNumber("mscale_all_dim") ?? 0);
        var given = json.OptionalNumber("attention_factor")
            ?? (mscale != 0 && ofAll != 0 ? RopeScaling.Yarn.Magnitude(factor, mscale) / RopeScaling.Yarn.Magnitude(factor, ofAll) : null);
        return given is null or > 0 ? given : throw json.Fault("attention_factor", given, "positive");
    }

    private static int? Original(ConfigObject json) => json.Integer("original_max_position_embeddings", 0) switch
    {
        0 => null,
        > 0 and var original => original,
        var other => throw json.Fault("original_max_position_embeddings", other, "positive"),
    };

    private static double Factor(ConfigObject json)
    {
        var factor = json.Number("factor");
        return factor >= 1 ? factor : throw json.Fault("factor", factor, "at least 1");
    }

    private static int Lengthened(int positions, double factor) => (int)Math.Min(int.MaxValue, Math.Floor(positions * factor));
}
