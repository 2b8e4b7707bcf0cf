using Orca.Streams.Answers;

namespace Orca.Evaluation.Protocols;

/// <summary>
/// How BIG-Bench Hard's authors mark outputs: the first line without its final full stop must equal the gold answer; in outputs that think
/// step by step what follows the last "the answer is".
/// </summary>
/// <param name="isChainOfThought">Whether the outputs think step by step.</param>
public sealed class AuthorsRule(bool isChainOfThought) : IAnswerRule
{
    private const string Statement = "the answer is";

    public string Name => isChainOfThought ? "authors-cot" : "authors";

    public Reading Read(string response, ExpectedAnswer expected)
    {
        var text = response;
        if (isChainOfThought)
        {
            var at = response.LastIndexOf(Statement, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return Reading.Unparsed;
            }

            text = response[(at + Statement.Length)..];
        }

        var line = text.Trim().Split('\n')[0].Trim();
        var answer = line.EndsWith('.') ? line[..^1] : line;
        return answer.Length == 0 ? Reading.Unparsed : new Reading(answer, expected.Gold.Contains(answer));
    }
}
