namespace Orca.Streams.Curricula.Control;

/// <summary>How published versions are judged before they may answer, as commands have set it.</summary>
/// <param name="Questions">Held-out questions that each is asked, 0 lets all through; null: as the settings say.</param>
/// <param name="Level">How sure it must be that one is worse, above 0 to 0.5; null: as the settings say.</param>
public sealed record GateTuning(int? Questions = null, double? Level = null)
{
    private const int MostQuestions = 100_000;
    private const double HighestLevel = 0.5;

    /// <summary>Nothing is set.</summary>
    public static GateTuning None { get; } = new();

    /// <summary>What is wrong with it as a command, one sentence; null where nothing is.</summary>
    internal string? Fault =>
        Questions is null && Level is null ? "Nothing of the gate is set; give its questions, its level or both."
        : Questions is < 0 or > MostQuestions ? $"The gate's questions are {Questions}; give 0 to {MostQuestions}."
        : Level is { } level && level is not (> 0 and <= HighestLevel)
            ? $"The gate's level is {level}; give one above 0, to {HighestLevel}."
        : null;

    /// <summary>The same with what a later command has set.</summary>
    internal GateTuning With(GateTuning later) => new(later.Questions ?? Questions, later.Level ?? Level);
}
