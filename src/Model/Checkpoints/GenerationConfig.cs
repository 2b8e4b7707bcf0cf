using System.Text.Json.Nodes;
using Orca.Model.Network;

namespace Orca.Model.Checkpoints;

/// <summary>The <c>generation_config.json</c> of a model that has none of its own.</summary>
internal static class GenerationConfig
{
    /// <summary>Its text: where the model's texts begin and end, and how long they may be.</summary>
    public static string Of(LlamaConfig config)
    {
        var json = JsonNode.Parse(config.ToJson())!;
        return new JsonObject
        {
            ["bos_token_id"] = json["bos_token_id"]?.DeepClone(),
            ["eos_token_id"] = json["eos_token_id"]?.DeepClone(),
            ["max_length"] = config.MaxPositions,
        }.ToJsonString(new() { WriteIndented = true }) + "\n";
    }
}
