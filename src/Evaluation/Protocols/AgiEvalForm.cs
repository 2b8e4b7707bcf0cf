using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Protocols;

/// <summary>A question in the form that AGIEval's authors ask it in, with the beginning of the answer.</summary>
internal static class AgiEvalForm
{
    /// <summary>
    /// Passage, <c>Q: … Answer Choices: (A)… (B)…</c> and <c>A: Among A through D, the answer is</c>; a question that lists its own options
    /// keeps them where they are, and one without any ends in <c>A: The answer is</c>.
    /// </summary>
    public static string Of(EvaluationItem item)
    {
        var choices = item.Choices.IsEmpty ? "" : $" Answer Choices: {string.Join(' ', item.Choices)}";
        var options = item.Options;
        var isLettered = options.Length > 1 && item.Kind == Streams.Answers.AnswerKind.MultipleChoice;
        var opening = isLettered ? $"A: Among {options[0].Letter} through {options[^1].Letter}, the answer is" : "A: The answer is";
        return $"{item.Passage}Q: {item.Question}{choices}\n{opening}";
    }
}
