namespace Orca.Streams.Teachers;

/// <summary>How a teacher is asked to explain a student's mistake.</summary>
/// <remarks>
/// The explanation is taught as the answer to the question alone: the student that reads it, or is asked the question later, does not see
/// its former answer. So the teacher is told to write for a reader who has the question and nothing else.
/// </remarks>
public static class MistakeQuestion
{
    /// <summary>Characters of the student's answer that are shown; what is behind them says nothing more.</summary>
    public const int MaxCharacters = 2_000;

    private const string Message =
        "Below the question there is an answer that a student gave to it, which is wrong. Answer the question rightly, step by step, and "
            + "take most care with the step at which the student went wrong: say what seems right there and why it is not. Whoever reads "
            + "your answer sees the question alone: do not mention the student, the student's answer or these instructions. End with the "
            + "right answer.";

    private const string Announcement = "\n\nThe student's answer, which is wrong:\n";

    /// <summary>The question of a text that may show a student's answer behind it.</summary>
    public static string QuestionIn(string prompt) =>
        prompt.IndexOf(Announcement, StringComparison.Ordinal) is >= 0 and var length ? prompt[..length] : prompt;

    /// <summary>The part of a student's answer that is shown; null where it says nothing.</summary>
    public static string? Shown(string answer)
    {
        var text = answer.Trim();
        var length = Math.Min(text.Length, MaxCharacters);
        return length == 0 ? null : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    /// <summary>The system message: the one that is taught, and what to do besides.</summary>
    internal static string MessageOf(TeacherRequest request) =>
        request.SystemMessage.Length == 0 ? Message : $"{request.SystemMessage}\n\n{Message}";

    /// <summary>The question and the answer.</summary>
    internal static string PromptOf(TeacherRequest request, string mistake) =>
        $"{request.Query.Prompt}{Announcement}{mistake}";
}
