namespace Orca.Streams.Tasks;

/// <summary>Makes sources of the words that name them on a command line or in settings.</summary>
public static class TaskSourceParser
{
    /// <summary>The kinds, for help texts and messages.</summary>
    public const string Kinds = "flan-cot:PATH, natural-instructions:PATH, jsonl:PATH or reasoning[:FAMILY,FAMILY…]";

    /// <summary>The source that <paramref name="specification"/> names.</summary>
    /// <param name="specification">One of <see cref="Kinds"/>.</param>
    /// <param name="seed">Decides the order of drawn and the content of generated questions.</param>
    /// <param name="perTask">Cap of questions per Natural Instructions task.</param>
    /// <exception cref="TaskFormatException">Unknown kind, missing path, unknown family.</exception>
    public static ITaskSource Parse(string specification, long seed = 0, int perTask = NaturalInstructionsSource.DefaultPerTask)
    {
        var colon = specification.IndexOf(':');
        var kind = colon < 0 ? specification : specification[..colon];
        var rest = colon < 0 ? "" : specification[(colon + 1)..].Trim();
        return kind.Trim() switch
        {
            "flan-cot" => new FlanCotSource(PathIn(specification, rest), seed),
            "natural-instructions" => new NaturalInstructionsSource(PathIn(specification, rest), perTask, seed),
            "jsonl" => new JsonLinesSource(PathIn(specification, rest)),
            "reasoning" => new ReasoningTasks(seed, rest.Length == 0 ? null : rest.Split(',', StringSplitOptions.TrimEntries)),
            _ => throw new TaskFormatException($"'{specification}' names no tasks; expected {Kinds}."),
        };
    }

    private static string PathIn(string specification, string path) => path.Length > 0
        ? path
        : throw new TaskFormatException($"'{specification}' names no path; expected {Kinds}.");
}
