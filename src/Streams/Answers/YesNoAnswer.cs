using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Yes and no in the words that questions ask for: true or false, valid or invalid, plausible or not.</summary>
internal static partial class YesNoAnswer
{
    private const int LeadOfAClaim = 24;

    /// <summary>Whether a text is one of these words and nothing else.</summary>
    public static bool Is(string gold) => Alone().IsMatch(gold.Trim());

    /// <summary>What a gold answer means; null where it is none of these words.</summary>
    public static bool? Of(string gold) => Alone().Match(gold.Trim()) is { Success: true } match ? Means(match) : null;

    /// <summary>What a response says; null where it says neither.</summary>
    public static bool? In(string text) =>
        (Statement.LastIn(text) is { } stated ? Within(stated.Sentence, stated.Follows) ?? Within(stated.Line, stated.Follows)
            : (bool?)null)
        ?? (Statement.ClaimIn(text) is { } claim ? Claimed(claim) : null)
        ?? (Passages.Conclusion(text) is { } conclusion ? Leading(conclusion) ?? Concluding(conclusion) : (bool?)null)
        ?? Leading(text)
        ?? Emphasised(text)
        ?? Concluding(Passages.LastSentence(text))
        ?? Concluding(Passages.FirstSentence(text))
        ?? (Opening().Match(text) is { Success: true } opening ? Means(opening) : (bool?)null)
        ?? Last(Predicate().Matches(text));

    // Of "yes, it is true" the first; "is true, so yes is the answer" ends in it.
    private static bool? Within(string stated, bool follows)
    {
        var words = Word().Matches(stated);
        return words.Count == 0 ? (bool?)null : Means(words[follows ? 0 : ^1]);
    }

    private static bool? Claimed(Statement claim)
    {
        var words = Word().Matches(claim.Sentence);
        return words.Count == 0 ? (bool?)null
            : claim.Follows ? words[0].Index <= LeadOfAClaim ? Means(words[0]) : null
            : words[^1].Index + words[^1].Length >= claim.Sentence.Length - 2 ? Means(words[^1]) : null;
    }

    private static bool? Leading(string text) => Start().Match(text) is { Success: true } match ? Means(match) : null;

    private static bool? Emphasised(string text) => Last(Emphasis().Matches(text));

    private static bool? Concluding(string sentence) =>
        Last(LastWord().Matches(sentence)) ?? Last(Predicate().Matches(sentence)) ?? Last(Aside().Matches(sentence));

    private static bool? Last(MatchCollection matches) => matches.Count == 0 ? (bool?)null : Means(matches[^1]);

    private static bool Means(Match match)
    {
        var word = match.Groups["w"].Value.ToLowerInvariant();
        var affirms = word is "yes" or "true" or "valid" or "plausible" or "correct" or "right";
        return affirms != match.Groups["n"].Success;
    }

    private const string Not = @"(?<n>\bnot\s{1,3}(?:a\s|at\sall\s|entirely\s|deductively\s|logically\s|factually\s|really\s|very\s|necessarily\s)?|n[’']t\s{1,3}(?:deductively\s|logically\s|factually\s|really\s|very\s|necessarily\s)?)?";
    private const string Verdict = "(?<w>yes|no|true|false|valid|invalid|plausible|implausible|correct|incorrect)";
    private const string Adjective = "(?<w>true|false|valid|invalid|plausible|implausible|correct|incorrect|right|wrong)";

    [GeneratedRegex(@"^[\W_]*(?<n>not\s)?" + Verdict + @"[\W_]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Alone();

    [GeneratedRegex(Not + @"\b" + Verdict + @"\b", RegexOptions.IgnoreCase)]
    private static partial Regex Word();

    [GeneratedRegex(Not + @"\b" + Verdict + @"[\W_]{0,6}$", RegexOptions.IgnoreCase)]
    private static partial Regex LastWord();

    // At the very beginning, and more than the first word of a sentence.
    [GeneratedRegex(@"^(?:>\s)?[*_""'“\s]{0,6}(?<n>not\s)?" + Verdict + @"(?:[*_""'”]{0,4}\s{0,2}(?:[,.;:!\n–—]|$)|[*_]{1,4}\s|\s{1,2}(?:because|since|as)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Start();

    [GeneratedRegex(@"^[*_""'“\s]{0,6}(?<w>yes|no)\b(?!\s(?:one|matter|doubt|way)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Opening();

    [GeneratedRegex(@"\*\*\W{0,3}(?<n>not\s)?" + Verdict + @"\W{0,3}\*\*", RegexOptions.IgnoreCase)]
    private static partial Regex Emphasis();

    // "is not true", "evaluates to False", "seems plausible", "makes it false".
    [GeneratedRegex(
        @"(?:\b(?:is|are|was|be|being|isn|aren|wasn|it|doesn|statement|argument|sentence|seems|sounds|remains|becomes|equals|to|deems|as|=)\b|=)\s{0,3}(?<n>n[’']t\s)?(?:(?:indeed|thus|therefore|clearly|also|deductively|logically|factually|considered|entirely|a|an|the)\s){0,3}"
        + @"(?<n>not\s(?:(?:a|an|deductively|logically|factually|entirely|really|very|necessarily)\s){0,2})?[*_""'“]{0,3}" + Adjective + @"\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Predicate();

    // "Therefore, no."
    [GeneratedRegex(@"(?:^|[,:!]|\b(?:is|so|therefore|thus|hence|say)\b)\s{0,3}[*_""'“]{0,3}(?<w>yes|no|true|false|valid|invalid)[*_""'”]{0,3}\s{0,2}(?:[.,;!]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Aside();
}
