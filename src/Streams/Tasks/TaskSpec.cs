using System.Collections.Immutable;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks;

/// <summary>A source of questions as it is written on a command line or in settings: a kind, and a path where the kind needs one.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Kind">The word before the first colon.</param>
/// <param name="Rest">What follows: a file or folder, or the families of <c>reasoning</c>.</param>
public sealed record TaskSpec(string Text, string Kind, string Rest)
{
    /// <summary>The kinds, for help texts and messages.</summary>
    public const string Kinds =
        "flan-cot:PATH, natural-instructions:PATH, jsonl:PATH, csv:PATH, parquet:PATH or reasoning[:FAMILY,FAMILY…]";

    private const string BuiltIn = "reasoning";

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
        : !SourceKinds.All.Contains(Kind)
            ? $"names no tasks; expected {Kinds}; where a path has a comma, a JSON array such as [\"jsonl:a,b.jsonl\"]."
        : Rest.Length == 0 ? $"names no path; expected {Kind}:PATH."
        : !SourceFiles.Exists(SourceKinds.Split(Kind, Rest).Path)
            ? $"names '{Rest}', which does not exist; expected a file or folder for {Kind}."
        : null;

    /// <summary>The sources: of files one for each collection that their questions name.</summary>
    /// <param name="options">How questions are drawn.</param>
    /// <param name="faults">Hears of what is no question, or not used.</param>
    /// <param name="progress">Hears how far files have been gone over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TaskFormatException">Unknown kind or family, missing path, records of no form that is known.</exception>
    public ImmutableArray<ITaskSource> Open(
        SourceOptions? options = null, IProgress<SourceFault>? faults = null, IProgress<IndexingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (Fault() is { } fault)
        {
            throw new TaskFormatException($"'{Text}' {fault}");
        }

        options ??= new SourceOptions();
        try
        {
            return IsBuiltIn
                ? [new ReasoningTasks(options.Seed, Rest.Length == 0 ? null : Rest.Split(',', StringSplitOptions.TrimEntries))]
                : [.. SourceKinds.Open(Kind, Rest, options, faults ?? new Progress<SourceFault>(), progress, cancellationToken)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TaskFormatException($"'{Text}' cannot be gone over: {failure.Message}");
        }
    }
}
