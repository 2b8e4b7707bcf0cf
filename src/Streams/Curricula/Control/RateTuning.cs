namespace Orca.Streams.Curricula.Control;

/// <summary>The learning rate as commands have set it.</summary>
/// <param name="Scale">Factor of the rate that the schedule gives, above 0 to <see cref="MaxScale"/>; null: 1.</param>
/// <param name="Restart">Begins the schedule anew: with its warm-up, and at its peak.</param>
public sealed record RateTuning(double? Scale = null, bool Restart = false)
{
    /// <summary>Largest factor.</summary>
    public const double MaxScale = 1_000;

    /// <summary>Nothing is set.</summary>
    public static RateTuning None { get; } = new();

    /// <summary>What is wrong with it as a command, one sentence; null where nothing is.</summary>
    internal string? Fault => Scale is null && !Restart ? "Nothing of the learning rate is set; give its scale, or begin its schedule anew."
        : Scale is { } scale && scale is not (> 0 and <= MaxScale)
            ? $"The learning rate's scale is {scale}; give a number above 0, to {MaxScale}."
        : null;

    /// <summary>The same with what a later command has set; a schedule begins anew once.</summary>
    internal RateTuning With(RateTuning later) => new(later.Scale ?? Scale);
}
