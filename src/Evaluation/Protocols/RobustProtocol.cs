using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Protocols;

/// <summary>
/// The question as it stands through the student's own template, the likeliest answer, and an extractor that understands explanations; what
/// a model wrote to itself between reasoning tags counts for nothing. The default.
/// </summary>
public sealed class RobustProtocol : IProtocol
{
    private const string StepByStep = "\nLet's think step by step.";

    public string Name => "robust";

    public Prompt Ask(EvaluationItem item, EvaluationTask task, ProtocolOptions options, int repeat) => new()
    {
        Text = Examples(task, options) + item.Text + (options.IsChainOfThought ? StepByStep : ""),
        SystemMessage = options.SystemOf(item),
        MaxTokens = options.MaxTokens,
        Temperature = options.Temperature ?? 0,
        Seed = options.SeedOf(item, repeat),
    };

    public Reading Read(string response, ExpectedAnswer expected)
    {
        var isRight = AnswerMatch.IsRight(response, expected);
        var found = AnswerExtractor.Extract(response, expected.Kind);
        found = expected.Kind == AnswerKind.MultipleChoice ? Option(found, expected.Prompt) : found;
        return new Reading(found ?? (isRight ? response.Trim() : null), isRight);
    }

    // A choice is a letter, or the text of an option; other words choose nothing.
    private static string? Option(string? found, string question) => found is null or { Length: 1 }
        ? found
        : OptionList.Of(question).FirstOrDefault(option => AnswerMatch.Fold(option.Text) == AnswerMatch.Fold(found))?.Letter.ToString();

    private static string Examples(EvaluationTask task, ProtocolOptions options) =>
        options.HasExamples && task.Examples is { } examples ? $"{examples}\n\n" : "";
}
