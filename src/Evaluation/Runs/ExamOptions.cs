namespace Orca.Evaluation.Runs;

/// <summary>How the questions of an examination are asked.</summary>
public sealed record ExamOptions
{
    /// <summary>Says how to answer, where a question does not say so itself; one the student has been trained with.</summary>
    public string SystemMessage { get; init; } = "";

    /// <summary>Length at which an answer is cut, in tokens; 1 or more.</summary>
    public int MaxTokens { get; init; } = 160;

    /// <summary>Questions asked at once; 1 or more.</summary>
    public int Parallel { get; init; } = 32;
}
