using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Protocols;

/// <summary>
/// As the Orca paper evaluates (footnote 14): no examples, an empty system message, temperature 0.7, AGIEval's form of a question, and the
/// first capital letter of the response against the gold one. An answer without letters, such as <c>Yes</c>, is compared by its initial.
/// </summary>
public sealed class PaperProtocol : IProtocol
{
    private const double PaperTemperature = 0.7;

    public string Name => "paper";

    public string? Fault(ProtocolOptions options) => options.HasExamples || options.IsChainOfThought
        ? "The protocol 'paper' asks without examples and without a wish to think step by step; leave these away, or take another protocol."
        : null;

    public Prompt Ask(EvaluationItem item, EvaluationTask task, ProtocolOptions options, int repeat) => new()
    {
        Text = AgiEvalForm.Of(item),
        SystemMessage = options.SystemOf(item),
        MaxTokens = options.MaxTokens,
        Temperature = options.Temperature ?? PaperTemperature,
        Seed = options.SeedOf(item, repeat),
    };

    public Reading Read(string response, ExpectedAnswer expected)
    {
        var letter = PaperRule.FirstCapital(response, 'Z')?.ToString();
        return letter is null ? Reading.Unparsed : new Reading(letter, expected.Gold.Any(gold => Initial(gold) == letter));
    }

    private static string? Initial(string gold) =>
        gold.FirstOrDefault(char.IsAsciiLetter) is not '\0' and var letter ? char.ToUpperInvariant(letter).ToString() : null;
}
