namespace Orca.Cli.Teacher.Faults;

/// <summary>Which calls meet a fault. All that is said must hold; a rule that says nothing more meets every call.</summary>
internal sealed record FaultRule
{
    /// <summary>Name of the fault, one of <see cref="FaultKind.All"/>.</summary>
    public required string Fault { get; init; }

    /// <summary>Only calls of this model.</summary>
    public string? Model { get; init; }

    /// <summary>Only calls whose question holds this text.</summary>
    public string? Matching { get; init; }

    /// <summary>Share of the calls, 0 to 1, drawn from the seed, the question and how often it was asked.</summary>
    public double? Probability { get; init; }

    /// <summary>Only every so many-th call that the rest of the rule holds for, beginning with that one.</summary>
    public int? Every { get; init; }

    /// <summary>Only the first so many times that a question is asked.</summary>
    public int? Times { get; init; }

    /// <summary>Only after so many calls.</summary>
    public int? After { get; init; }

    /// <summary>Only from so many seconds after the start, in the endpoint's time.</summary>
    public double? FromSeconds { get; init; }

    /// <summary>Only until so many seconds after the start, in the endpoint's time.</summary>
    public double? UntilSeconds { get; init; }

    /// <summary>The pause that the fault asks for, where it asks for one, in seconds of the endpoint's time.</summary>
    public double PauseSeconds { get; init; } = 1;
}
