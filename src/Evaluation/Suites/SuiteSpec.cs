using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Evaluation.Suites;

/// <summary>A benchmark as it is written on a command line: a kind, and a path where the kind needs one.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Kind">The word before the first colon.</param>
/// <param name="Rest">What follows.</param>
public sealed record SuiteSpec(string Text, string Kind, string Rest)
{
    /// <summary>The kinds, for help texts and messages.</summary>
    public const string Kinds = "bbh:PATH (the paper's 23 tasks), bbh-all:PATH, agieval:PATH (the paper's 8 tasks), agieval-all:PATH, "
        + "gsm8k:PATH, truthfulqa:PATH, vicuna:PATH, toxigen:PATH, reasoning[:FAMILY,FAMILY…], or questions of yours as "
        + "jsonl:PATH[?question=FIELD&answer=FIELD], csv:PATH or parquet:PATH";

    private static readonly ImmutableArray<string> OfRows = ["jsonl", "csv", "parquet", "natural-instructions", "flan-cot"];

    /// <summary>Reads <c>kind</c> or <c>kind:rest</c>.</summary>
    public static SuiteSpec Of(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new SuiteSpec(text, text.Trim(), "") : new SuiteSpec(text, text[..colon].Trim(), text[(colon + 1)..].Trim());
    }

    /// <summary>Reads the benchmark from its files; the built-in questions are made, not read.</summary>
    /// <param name="faults">Hears of rows that are no question.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EvaluationException">The kind is unknown, the path is missing, or a file is damaged.</exception>
    /// <exception cref="TaskFormatException">Rows cannot be read.</exception>
    public async Task<EvaluationSuite> ReadAsync(IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        var suite = Reader() is { } read
            ? Rest.Length > 0 ? read(Rest) : throw new EvaluationException($"'{Text}' names no path; give {Kind}:PATH.")
            : OfRows.Contains(Kind)
                ? await QuestionSuite.ReadAsync(Kind, TaskSpec.Of(Text), faults, cancellationToken)
                : throw new EvaluationException($"'{Text}' is no benchmark; give {Kinds}.");
        return suite.Tasks.IsEmpty || suite.Tasks.All(task => task.Items.IsEmpty)
            ? throw new EvaluationException($"'{Rest}' holds no task of {Kind}; give the folder as its authors publish it.")
            : suite;
    }

    private Func<string, EvaluationSuite>? Reader() => Kind switch
    {
        "bbh" => path => BigBenchHard.Read("bbh", path, isPaper: true),
        "bbh-all" => path => BigBenchHard.Read("bbh-all", path, isPaper: false),
        "agieval" => path => AgiEval.Read("agieval", path, isPaper: true),
        "agieval-all" => path => AgiEval.Read("agieval-all", path, isPaper: false),
        "gsm8k" => path => Gsm8k.Read("gsm8k", path),
        "truthfulqa" => path => TruthfulQa.Read("truthfulqa", path),
        "vicuna" => path => JudgedQuestions.Vicuna("vicuna", path),
        "toxigen" => path => JudgedQuestions.ToxiGen("toxigen", path),
        _ => null,
    };
}
