namespace Orca.Streams.Curricula.Replay;

/// <summary>How often lessons are taught again, as commands or settings have set it.</summary>
/// <param name="Ratio">Repeated lessons for each fresh one while there are both, 0 to 100; null: as the settings say.</param>
/// <param name="MaxReuses">Times that a lesson may be taught again after the first; null: as the settings say.</param>
public sealed record ReplayTuning(double? Ratio = null, int? MaxReuses = null)
{
    /// <summary>Largest ratio.</summary>
    public const double MaxRatio = 100;

    /// <summary>Nothing is set.</summary>
    public static ReplayTuning None { get; } = new();

    /// <summary>What is wrong with it as a command, one sentence; null where nothing is.</summary>
    internal string? Fault => Ratio is null && MaxReuses is null ? "Nothing of the replay is set; give its ratio, its reuses or both."
        : Ratio is { } ratio && ratio is not (>= 0 and <= MaxRatio) ? $"The replay's ratio is {ratio}; give a number from 0 to {MaxRatio}."
        : MaxReuses < 0 ? $"The reuses are {MaxReuses}; give 0 or more."
        : null;

    /// <summary>The same with what a later command has set.</summary>
    internal ReplayTuning With(ReplayTuning later) => new(later.Ratio ?? Ratio, later.MaxReuses ?? MaxReuses);
}
