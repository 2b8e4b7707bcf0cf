namespace Orca.Cli.Configuration;

/// <summary>What the terminal shows.</summary>
internal sealed record DisplaySettings
{
    [Setting("Time between log lines where there is no interactive terminal.", Unit = "seconds", Minimum = 0.1, Maximum = 100_000)]
    public double EverySeconds { get; init; } = 5;

    [Setting("A live panel on an interactive terminal; plain lines where false.")]
    public bool Live { get; init; } = true;
}
