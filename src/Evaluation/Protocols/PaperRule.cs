namespace Orca.Evaluation.Protocols;

/// <summary>
/// How published figures told which option a response chose. Both take letters of ordinary words for options ("**A**nswer: C", "Based on
/// …"), so they are given beside what the extractor finds, never in its place.
/// </summary>
public static class PaperRule
{
    private const string Stated = "answer is ";
    private const char LastStated = 'G';
    private const char LastFirst = 'F';

    /// <summary>The paper's words: the first capital letter of the response among those of the options; null where there is none.</summary>
    /// <param name="response">The response, read as it came, mark-up and all.</param>
    /// <param name="last">The last option's letter; the paper does not say, and its questions have options up to G.</param>
    public static char? FirstCapital(string response, char last = LastStated)
    {
        var at = response.AsSpan().IndexOfAnyInRange('A', last);
        return at < 0 ? null : response[at];
    }

    /// <summary>
    /// AGIEval's published scorer: the first match of <c>answer is .*?([A-G])</c>, else the first character of A to F. As there, a match
    /// ends with its line, and the letter may be any within it.
    /// </summary>
    public static char? AgiEval(string response)
    {
        var rest = response.AsSpan();
        for (var at = rest.IndexOf(Stated, StringComparison.Ordinal); at >= 0; at = rest.IndexOf(Stated, StringComparison.Ordinal))
        {
            rest = rest[(at + Stated.Length)..];
            var end = rest.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            if (line.IndexOfAnyInRange('A', LastStated) is >= 0 and var letter)
            {
                return line[letter];
            }

            // No statement of the same line has what the line has not.
            rest = rest[line.Length..];
        }

        return FirstCapital(response, LastFirst);
    }
}
