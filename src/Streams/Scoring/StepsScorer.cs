using System.Buffers;
using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>
/// How deep an explanation is: the sentences and lines of an answer that infer something ("because", "so", "therefore"), compute
/// something ("3 + 4 = 7"), or are a step of a numbered list.
/// </summary>
/// <remarks>A count of our own, for English: of two answers to a question the one with more steps explains more.</remarks>
public sealed class StepsScorer : IScorer
{
    private static readonly SearchValues<char> Ends = SearchValues.Create(".!?;\n");

    private static readonly SearchValues<string> Inferences = SearchValues.Create(
        [
            "because", "since ", "therefore", "thus ", "thus,", "hence", " so ", "so,", "implies", "means that", "it follows",
            "as a result", "given that",
            "first,", "next,", "then ", "finally", "which makes", "consequently", "step ",
        ],
        StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Name => "steps";

    /// <inheritdoc/>
    public ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken) =>
        ValueTask.FromResult<double?>(StepsIn(trace.Response));

    private static int StepsIn(string response)
    {
        var steps = 0;
        ReadOnlySpan<char> rest = response;
        while (!rest.IsEmpty)
        {
            var end = EndOf(rest);
            steps += IsStep(rest[..end]) ? 1 : 0;
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        return steps;
    }

    // A point within a number, or behind the number of a step, ends nothing.
    private static int EndOf(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (text[end..].IndexOfAny(Ends) is >= 0 and var next)
        {
            end += next;
            var isWithin = text[end] == '.'
                && ((end + 1 < text.Length && char.IsDigit(text[end + 1])) || IsNumber(text[..end].Trim()));
            if (!isWithin)
            {
                return end;
            }

            end++;
        }

        return text.Length;
    }

    private static bool IsStep(ReadOnlySpan<char> sentence)
    {
        var text = sentence.Trim();
        return text.Length > 2 && (text.StartsWith("so ", StringComparison.OrdinalIgnoreCase) || text.ContainsAny(Inferences)
            || IsComputed(text) || IsNumbered(text));
    }

    private static bool IsComputed(ReadOnlySpan<char> text) =>
        text.IndexOf('=') is > 0 and var sign && text[..sign].ContainsAnyInRange('0', '9') && text[sign..].ContainsAnyInRange('0', '9');

    private static bool IsNumber(ReadOnlySpan<char> text) => text.Length is 1 or 2 && !text.ContainsAnyExceptInRange('0', '9');

    private static bool IsNumbered(ReadOnlySpan<char> text) =>
        char.IsDigit(text[0]) && text.Length > 4 && text.IndexOfAny(").:") is (1 or 2);
}
