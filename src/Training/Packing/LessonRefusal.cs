namespace Orca.Training.Packing;

/// <summary>Why a lesson cannot be trained on. Such lessons are counted, never cut to fit.</summary>
public enum LessonRefusal
{
    /// <summary>Longer than a row, with its hinted prompt or without: cutting it would teach an answer without its end.</summary>
    TooLong,

    /// <summary>It has no prompt token, so nothing predicts the first token of its answer.</summary>
    NoPrompt,

    /// <summary>It has no answer token: there is nothing to learn.</summary>
    NoAnswer,

    /// <summary>Its weight is zero, negative or not a number.</summary>
    NoWeight,

    /// <summary>A token id lies outside the student's vocabulary.</summary>
    UnknownToken,
}
