namespace Orca.Streams.Curricula.Mixtures;

/// <summary>Which lessons are taught by now; others wait until the pace has come to them, and none is lost.</summary>
/// <param name="MaxDifficulty">
/// Highest difficulty; null for any. A lesson whose difficulty is unknown is always taught. A harder question is not asked: it is passed
/// over, and comes again with the next pass over its source.
/// </param>
/// <param name="MaxTokens">Longest lesson, prompt and answer; null for any.</param>
/// <param name="NextAtLoss">
/// Has each task begin at its lowest difficulty, and go on to the next one once the student's mean loss on fresh lessons of the highest one
/// that is taught is below this, in nats a token; null: all difficulties from the beginning.
/// </param>
/// <param name="NextAtAccuracy">
/// Has each task begin at its lowest difficulty, and go on to the next one once the student, asked before teachers are, is right in this
/// share of the last questions of the one before, above 0 to 0.95; null: all difficulties from the beginning.
/// </param>
public sealed record LessonPacing(
    int? MaxDifficulty = null, int? MaxTokens = null, double? NextAtLoss = null, double? NextAtAccuracy = null)
{
    /// <summary>Highest accuracy at which the next difficulty may begin: a mean over fifty answers is hardly ever all right.</summary>
    public const double MaxAccuracy = 0.95;

    /// <summary>Everything is taught.</summary>
    public static LessonPacing None { get; } = new();

    /// <summary>The same where nothing more will come: what is left is taught whatever the student knows.</summary>
    internal LessonPacing AtTheEnd => this with { NextAtLoss = null, NextAtAccuracy = null };

    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    internal string? Fault =>
        MaxDifficulty < 1 ? $"The highest difficulty is {MaxDifficulty}; give 1 or more."
        : MaxTokens < 2 ? $"The longest lesson is {MaxTokens} tokens; give 2 or more."
        : NextAtLoss is { } loss && !(loss is > 0 and < double.PositiveInfinity)
            ? $"The loss at which the next difficulty begins is {loss}; give a number above 0."
        : NextAtAccuracy is { } accuracy && accuracy is not (> 0 and <= MaxAccuracy)
            ? $"The accuracy at which the next difficulty begins is {accuracy}; give a share above 0, to {MaxAccuracy}."
        : null;
}
