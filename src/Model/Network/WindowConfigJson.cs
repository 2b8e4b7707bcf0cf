using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Orca.Model.Network;

/// <summary>Which layers let a token see a window of the last tokens alone, as each family's config.json says it.</summary>
internal static class WindowConfigJson
{
    private const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    /// <summary>The window, and the layers that have it where not all do.</summary>
    /// <exception cref="ModelFormatException">The file asks for a window where its family has none, or contradicts itself.</exception>
    public static (int? Window, ImmutableArray<bool> Layers) Read(ConfigObject json, ModelFamily family, int layers, int positions)
    {
        var stated = json.Integer("sliding_window", 0);
        if (stated < 0)
        {
            throw json.Fault("sliding_window", stated, "positive or null");
        }

        int? window = stated > 0 ? stated : json.Names("sliding_window") || family.Window == 0 ? null : family.Window;
        var types = Types(json, layers);
        if (family.HasWindowSwitch)
        {
            // Asked for first: a file may say both, and then the list counts.
            var isOn = json.Boolean("use_sliding_window");
            var first = json.Integer("max_window_layers", 28);
            var windowed = types ?? [.. Enumerable.Range(0, Math.Clamp(layers, 0, 1 << 12)).Select(layer => layer >= first)];
            return !windowed.Contains(true) ? (null, [])
                : isOn && window is not null ? (window, windowed.Contains(false) ? windowed : [])
                : types is null ? (null, [])
                : throw json.Fault(
                    "layer_types", $"a list with {Sliding}", "without it where use_sliding_window is off or sliding_window null");
        }

        // Without the switch these say nothing: such files are often a Qwen's, put in another family's words.
        json.RequireNeutral("use_sliding_window", "false");
        _ = json.Integer("max_window_layers", 0);
        if (family.HasWindow)
        {
            return types?.Contains(false) == true
                ? throw json.Fault(
                    "layer_types", $"a list with {Full}", $"{Sliding} throughout, as {family.Architecture} computes it, or absent")
                : (window, []);
        }

        return types?.Contains(true) == true || (window < positions && !json.Names("use_sliding_window"))
            ? throw json.Fault(
                types?.Contains(true) == true ? "layer_types"
                    : "sliding_window", types?.Contains(true) == true ? $"a list with {Sliding}"
                    : window!,
                $"null or absent in a {family.Name}, whose tokens see all before them; say model_type mistral if they are to see a window")
            : (null, []);
    }

    /// <summary>Adds what says the same again.</summary>
    public static void Write(JsonObject json, LlamaConfig config)
    {
        if (config.Family.HasWindow)
        {
            json["sliding_window"] = config.Window;
        }
        else if (config.Family.HasWindowSwitch)
        {
            json["use_sliding_window"] = config.Window is not null;
            json["sliding_window"] = config.Window;
            json["max_window_layers"] = config.Window is null ? config.Layers : 0;
            if (!config.WindowedLayers.IsEmpty)
            {
                json["layer_types"] = new JsonArray([.. config.WindowedLayers.Select(windowed => (JsonNode)(windowed ? Sliding : Full))]);
            }
        }
    }

    private static ImmutableArray<bool>? Types(ConfigObject json, int layers)
    {
        if (json.Texts("layer_types") is not { } types)
        {
            return null;
        }

        if (types.Length != layers)
        {
            throw json.Fault("layer_types", $"a list of {types.Length}", $"one of num_hidden_layers, {layers}");
        }

        var strange = types.FirstOrDefault(type => type is not (Sliding or Full));
        return strange is null
            ? [.. types.Select(type => type == Sliding)]
            : throw json.Fault("layer_types", $"a list with '{strange}'", $"one of {Full} and {Sliding}");
    }
}
