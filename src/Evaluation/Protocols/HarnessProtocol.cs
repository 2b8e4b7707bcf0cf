using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Protocols;

/// <summary>
/// As lm-evaluation-harness evaluates: raw prompts without a template. Questions whose choices are published beside them are answered by
/// the likeliest of these as they are published, text and all, by their total likelihood (its <c>acc</c>); others by generating until a
/// stop, and an exact match with what is found by its <c>flexible-extract</c>. Its stops cut explanations at their first empty line, which
/// is why its scores of a model that explains are low.
/// </summary>
public sealed partial class HarnessProtocol : IProtocol
{
    private static readonly ImmutableArray<string> HarnessStops = ["</s>", "Q:", "\n\n"];

    public string Name => "harness";

    public string? Fault(ProtocolOptions options) => options.SystemMessage is { Length: > 0 }
        ? "The protocol 'harness' sends raw text, in which a system message has no place; leave it away, or take another protocol."
        : null;

    public Prompt Ask(EvaluationItem item, EvaluationTask task, ProtocolOptions options, int repeat)
    {
        var prompt = new Prompt
        {
            Text = item.Choices.IsEmpty ? Completion(item, task, options) : AgiEvalForm.Of(item),
            IsRaw = true,
            MaxTokens = options.MaxTokens,
            Temperature = options.Temperature ?? 0,
            Seed = options.SeedOf(item, repeat),
        };
        return item.Choices.IsEmpty
            ? prompt with { Stops = HarnessStops }
            : prompt with { Continuations = [.. item.Choices.Zip(item.Options, Continuation)] };
    }

    public Reading Read(string response, ExpectedAnswer expected)
    {
        var text = response.Trim();
        var isLettered = expected.Gold.Any(gold => Letter().IsMatch(gold));
        var found = isLettered && Bracketed().Match(text) is { Success: true } letter ? letter.Value : text;
        return text.Length == 0
            ? Reading.Unparsed
            : new Reading(found, expected.Gold.Any(gold => gold == found || (isLettered && gold.Trim('(', ')') == found.Trim('(', ')'))));
    }

    // One that is published without its letter gets it, by which it is told from the others.
    private static string Continuation(string choice, AnswerOption option) =>
        Choices.LetterOf(choice) is null ? $" ({option.Letter}){choice}" : $" {choice.Trim()}";

    private static string Completion(EvaluationItem item, EvaluationTask task, ProtocolOptions options)
    {
        var description = task.Description is { } told ? $"{told}\n\n" : "";
        var examples = options.HasExamples && task.Examples is { } given ? $"{given}\n\n" : "";
        return $"{description}{examples}Q: {item.Text}\nA:" + (options.IsChainOfThought ? " Let's think step by step." : "");
    }

    [GeneratedRegex(@"^\(?[A-Z]\)?$")]
    private static partial Regex Letter();

    [GeneratedRegex(@"\([A-Z]\)")]
    private static partial Regex Bracketed();
}
