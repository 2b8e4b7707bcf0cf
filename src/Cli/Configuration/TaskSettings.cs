using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>Where questions come from.</summary>
internal sealed record TaskSettings
{
    [Setting("Sources: 'reasoning' (built in), 'flan-cot:PATH', 'natural-instructions:PATH' or 'jsonl:PATH'.")]
    public ImmutableArray<string> Sources { get; init; } = ["reasoning"];

    [Setting("Questions of each task of Natural Instructions.", Unit = "questions", Minimum = 1, Maximum = 1e9)]
    public int PerTask { get; init; } = 300;

    [Setting("Of the questions of a file, one in this many is never trained on but examined before and after.", Minimum = 2, Maximum = 1e6)]
    public int HeldOutOneIn { get; init; } = 50;

    [Setting("JSON file of system messages, instead of the built-in sixteen.")]
    public string? SystemMessagesFile { get; init; }
}
