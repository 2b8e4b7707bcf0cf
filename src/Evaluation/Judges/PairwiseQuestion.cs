namespace Orca.Evaluation.Judges;

/// <summary>
/// What a judge is asked about two answers, in the form that Vicuna's authors introduced: question, answers, two marks of 1 to 10 on the
/// first line, then why. One text for all questions: none of its own for programs and mathematics.
/// </summary>
public static class PairwiseQuestion
{
    /// <summary>Who the judge is.</summary>
    public const string SystemMessage = "You compare, with care and without favour, the answers that two assistants gave to one question.";

    /// <summary>The text for two answers in this order.</summary>
    public static string Of(string question, string first, string second) =>
        $"""
        Question:
        {question}

        === Answer of Assistant 1 ===
        {first}
        === End of the answer of Assistant 1 ===

        === Answer of Assistant 2 ===
        {second}
        === End of the answer of Assistant 2 ===

        How well does each answer serve the person who asked? Consider whether it helps, keeps to the question, is right, and goes into as
        much detail as the question wants. Give each assistant one mark, from 1 for the worst to 10 for the best; a higher mark is better.
        Which answer is shown first must make no difference.

        Write nothing on the first line but the two marks, that of Assistant 1 and then that of Assistant 2, with a blank between them. On
        the lines after it, explain both marks.
        """;
}
