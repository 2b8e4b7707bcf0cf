using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>Where questions come from.</summary>
internal sealed record TaskSettings
{
    [Setting("Sources: 'reasoning' (built in), 'flan-cot:PATH', 'natural-instructions:PATH' or 'jsonl:PATH'.")]
    public ImmutableArray<string> Sources { get; init; } = ["reasoning"];

    [Setting("Of the questions of a file, one in this many is never trained on but examined before and after.", Minimum = 2, Maximum = 1_000_000)]
    public int HeldOutOneIn { get; init; } = 50;

    [Setting("File with the system messages, instead of the built-in sixteen.")]
    public string? SystemMessagesFile { get; init; }
}
