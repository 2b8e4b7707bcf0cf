using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>The run: where it lives, what it does and when it ends.</summary>
internal sealed record RunSettings
{
    [Setting("Folder of the run: traces, checkpoints, metrics and reports.")]
    public string Folder { get; init; } = Path.Combine("runs", "default");

    [Setting("What this process does.", OneOf = ["collect", "train", "serve"])]
    public ImmutableArray<string> Roles { get; init; } = ["collect", "train", "serve"];

    [Setting(
        "The run ends when it has made this many training steps, those of earlier starts included; no limit where absent.", Unit = "steps",
        Minimum = 1)]
    public int? MaxSteps { get; init; }

    [Setting("This start ends after this time; no limit where absent.", Unit = "minutes", Minimum = 0.01, Maximum = 1_000_000)]
    public double? MaxMinutes { get; init; }

    [Setting("Seed of everything random in the run.", Minimum = 0, Maximum = int.MaxValue)]
    public int Seed { get; init; } = 1;

    [Setting("Where the student is trained and served.", OneOf = ["cpu", "cuda"])]
    public string Device { get; init; } = "cpu";

    /// <summary>Whether this process has a role.</summary>
    public bool Has(string role) => Roles.Contains(role);
}
