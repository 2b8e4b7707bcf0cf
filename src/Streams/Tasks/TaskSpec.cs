namespace Orca.Streams.Tasks;

/// <summary>A source of questions as it is written on a command line or in settings: a kind, and a path where the kind needs one.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Kind">The word before the first colon.</param>
/// <param name="Rest">What follows: a file or folder, or the families of <c>reasoning</c>.</param>
public sealed record TaskSpec(string Text, string Kind, string Rest)
{
    /// <summary>The kinds, for help texts and messages.</summary>
    public const string Kinds = "flan-cot:PATH, natural-instructions:PATH, jsonl:PATH or reasoning[:FAMILY,FAMILY…]";

    private const string BuiltIn = "reasoning";

    private static readonly string[] KindsOfFiles = ["flan-cot", "natural-instructions", "jsonl"];

    /// <summary>Reads <c>kind</c> or <c>kind:rest</c>.</summary>
    public static TaskSpec Of(string text)
    {
        var colon = text.IndexOf(':');
        return colon < 0 ? new TaskSpec(text, text.Trim(), "") : new TaskSpec(text, text[..colon].Trim(), text[(colon + 1)..].Trim());
    }

    /// <summary>Whether its questions are made here, and known to the built-in solver.</summary>
    public bool IsBuiltIn => Kind == BuiltIn;

    /// <summary>What is wrong with it, as the end of a sentence that begins with what holds it; null where nothing is.</summary>
    public string? Fault() => IsBuiltIn ? null
        : !KindsOfFiles.Contains(Kind)
            ? $"names no tasks; expected {Kinds}; where a path has a comma, a JSON array such as [\"jsonl:a,b.jsonl\"]."
        : Rest.Length == 0 ? $"names no path; expected {Kind}:PATH."
        : !Path.Exists(JsonLinesSource.Split(Rest).Path) ? $"names '{Rest}', which does not exist; expected a file or folder for {Kind}."
        : null;

    /// <summary>The source.</summary>
    /// <param name="seed">Decides the order of drawn and the content of generated questions.</param>
    /// <param name="perTask">Cap of questions per Natural Instructions task.</param>
    /// <exception cref="TaskFormatException">Unknown kind, missing path, unknown family.</exception>
    public ITaskSource Open(long seed = 0, int perTask = NaturalInstructionsSource.DefaultPerTask)
    {
        if (Fault() is { } fault)
        {
            throw new TaskFormatException($"'{Text}' {fault}");
        }

        return Kind switch
        {
            "flan-cot" => new FlanCotSource(Rest, seed),
            "natural-instructions" => new NaturalInstructionsSource(Rest, perTask, seed),
            "jsonl" => new JsonLinesSource(Rest),
            _ => new ReasoningTasks(seed, Rest.Length == 0 ? null : Rest.Split(',', StringSplitOptions.TrimEntries)),
        };
    }
}
