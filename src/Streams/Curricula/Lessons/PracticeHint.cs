namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// The question as it is put to the student that scores its own answer: with the expert's explanation, and asked to answer by itself, as in
/// on-policy self-distillation (arXiv 2601.18734).
/// </summary>
public static class PracticeHint
{
    /// <summary>The user's text.</summary>
    /// <param name="question">The question as it is taught.</param>
    /// <param name="explanation">An accepted answer to it.</param>
    public static string PromptOf(string question, string explanation) =>
        $"{question}\n\nHere is how an expert explains it:\n{explanation}\n\nNow answer the question in your own words.";
}
