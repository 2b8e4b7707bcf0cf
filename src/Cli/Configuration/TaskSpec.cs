namespace Orca.Cli.Configuration;

/// <summary>A source of questions as it is written in the settings: a kind, and a path where the kind needs one.</summary>
/// <param name="Kind"><c>reasoning</c>, <c>flan-cot</c>, <c>natural-instructions</c> or <c>jsonl</c>.</param>
/// <param name="Path">The file or folder; empty for <c>reasoning</c>.</param>
internal sealed record TaskSpec(string Kind, string Path)
{
    private static readonly string[] PathKinds = ["flan-cot", "natural-instructions", "jsonl"];

    /// <summary>Reads <c>kind</c> or <c>kind:path</c>.</summary>
    public static TaskSpec Parse(string text)
    {
        var colon = text.IndexOf(':');
        return colon < 0 ? new TaskSpec(text, "") : new TaskSpec(text[..colon], text[(colon + 1)..]);
    }

    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    public static string? Fault(string text)
    {
        var spec = Parse(text);
        return (PathKinds.Contains(spec.Kind), spec.Path) switch
        {
            (false, "") when spec.Kind == "reasoning" => null,
            (false, _) => $"Setting 'tasks.sources' holds '{text}'; expected reasoning, flan-cot:PATH, natural-instructions:PATH or "
                + "jsonl:PATH; where a path has a comma, a JSON array such as [\"jsonl:a,b.jsonl\"].",
            (true, "") => $"Setting 'tasks.sources' holds '{text}' without a path; expected {spec.Kind}:PATH.",
            _ when !System.IO.Path.Exists(spec.Path) =>
                $"Setting 'tasks.sources' names '{spec.Path}', which does not exist; expected a file or folder for {spec.Kind}.",
            _ => null,
        };
    }
}
