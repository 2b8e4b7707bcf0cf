namespace Orca.Streams.Screening;

/// <summary>How much of what a screen looks for it found in an answer.</summary>
/// <param name="Value">0 for none of it; the larger, the worse, in the unit that the screen names.</param>
/// <param name="Finding">What was found, one sentence; told where the plan rejects for it. Null where nothing was.</param>
public readonly record struct Measurement(double Value, string? Finding = null)
{
    /// <summary>Nothing of it.</summary>
    public static Measurement None => new(0);

    /// <summary>Name that it is counted under, of a screen that tells several faults apart; null for the screen's.</summary>
    public string? Fault { get; init; }
}
