namespace Orca.Serving.OpenAi;

/// <summary>What both kinds of request call the fields that refusals name by their paths in the gRPC contract.</summary>
internal static class FieldNames
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["sampling.sample_count"] = "n",
        ["stopping.stop_strings"] = "stop",
        ["scheduling.tenant"] = "user",
        ["weight_policy.pin_version"] = "model",
        ["weight_policy.version_label"] = "model",
        ["format"] = "response_format",
        ["output.prompt_logprobs"] = "logprobs",
    };

    private static readonly string[] Sections = ["sampling.", "stopping.", "output.", "scheduling.", "weight_policy."];

    /// <summary>The name of a field.</summary>
    public static string Of(string path) => Names.GetValueOrDefault(path)
        ?? (Sections.FirstOrDefault(section => path.StartsWith(section, StringComparison.Ordinal)) is { } section ? path[section.Length..] : path);
}
