using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>Where questions come from.</summary>
internal sealed record TaskSettings
{
    [Setting("Sources: 'reasoning' (built in), 'flan-cot:PATH', 'natural-instructions:PATH', 'jsonl:PATH', 'csv:PATH' or "
        + "'parquet:PATH'. A path is a file, a folder, or a pattern with * and **.")]
    public ImmutableArray<string> Sources { get; init; } = ["reasoning"];

    [Setting("Questions of each task of Natural Instructions.", Unit = "questions", Minimum = 1, Maximum = 1e9)]
    public int PerTask { get; init; } = 300;

    [Setting("Of the questions of a file, one in this many is never trained on but examined before and after.", Minimum = 2, Maximum = 1e6)]
    public int HeldOutOneIn { get; init; } = 50;

    [Setting(
        "Questions that a collection gives in a stage, name=questions; one that is not named gives all. The Orca paper's are "
            + "cot=150000,niv2=440000,flan2021=2500000,t0=2000000,dialog=0.", Unit = "questions", Minimum = 0, Maximum = 1e12)]
    public ImmutableSortedDictionary<string, double> Quotas { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting("What every quota is multiplied by.", Minimum = 0, Maximum = 1)]
    public double QuotaScale { get; init; } = 1;

    [Setting(
        "Share of the assistant's questions that the expert is asked, drawn at random (the Orca paper: 0.2); where absent the expert is "
            + "asked questions of its own.", Minimum = 0.000001, Maximum = 1)]
    public double? ExpertShare { get; init; }

    [Setting(
        "FLAN's templates that are read: zero-shot leaves out questions with worked examples before them.", OneOf = ["zero-shot", "all"])]
    public string Templates { get; init; } = "zero-shot";

    [Setting("Names of tasks that are left out, with * for any part; evaluations come from them.", MayBeEmpty = true)]
    public ImmutableArray<string> Exclude { get; init; } = ["*bigbench*", "*big_bench*", "*big-bench*"];

    [Setting(
        "Evaluation sets, as files or folders of any form (name=path): a question that shares its text with one of theirs is not asked.",
        MayBeEmpty = true)]
    public ImmutableArray<string> EvaluationSets { get; init; } = [];

    [Setting(
        "Questions and answers that are remembered, so that none is asked or kept which nearly repeats one; 0 for none.",
        Unit = "questions", Minimum = 0, Maximum = 1e8)]
    public int Remembered { get; init; } = 1_000_000;

    [Setting("Order of a task's questions.", OneOf = ["random", "file"])]
    public string Order { get; init; } = "random";

    [Setting("Folder that keeps where the questions of sources over 64 MiB lie; 'orca' in the user's cache folder where absent.")]
    public string? CacheFolder { get; init; }

    [Setting("JSON file of system messages, instead of the built-in sixteen.")]
    public string? SystemMessagesFile { get; init; }
}
