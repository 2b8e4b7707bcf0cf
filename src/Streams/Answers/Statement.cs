using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Where a response says that something is its answer.</summary>
/// <param name="Text">What it states: of "the answer is X" all behind it, of "X is the answer" the sentence before it.</param>
/// <param name="Follows">Whether the answer stands at the beginning of <paramref name="Text"/>; else at its end.</param>
internal readonly partial record struct Statement(string Text, bool Follows)
{
    private const int Tries = 16;
    private const int WordsOfAHeadedAnswer = 6;

    /// <summary>The last statement of an answer; null where a response has none.</summary>
    /// <param name="text">The response.</param>
    /// <param name="passesOverDenials">Whether "the answer is not X" is none.</param>
    public static Statement? LastIn(string text, bool passesOverDenials = false)
    {
        // Most responses state their answer in the last line: the others are gone over only where it states none.
        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 ? LastFrom(line, text, passesOverDenials) : null) ?? LastFrom(0, text, passesOverDenials);
    }

    private static Statement? LastFrom(int start, string text, bool passesOverDenials)
    {
        var before = Before().Matches(text, start).TakeLast(Tries).Select(match => (match.Index, Length: 0));
        var after = After().Matches(text, start).TakeLast(Tries)
            .Concat(Elsewhere().Matches(text, start).TakeLast(Tries)).Select(match => (match.Index, match.Length));
        foreach (var (index, length) in before.Concat(after).OrderByDescending(place => place.Index).Take(Tries))
        {
            var stated = length == 0
                ? new Statement(Passages.SentenceBefore(text, index), Follows: false)
                : new Statement(text[(index + length)..].TrimStart(' ', '\n', '\r', '*', '_', ':', '"', '“', '`'), Follows: true);
            if (stated.IsAnswer && !(passesOverDenials && stated.Follows && Denial().IsMatch(stated.Text)))
            {
                return stated;
            }
        }

        return null;
    }

    /// <summary>
    /// What a response claims in its first or last sentence without calling it an answer: "I would say X", "that makes it X", "X fits
    /// best". Null where it does not; what it claims need not be an answer.
    /// </summary>
    public static Statement? ClaimIn(string text)
    {
        var (first, last) = (Passages.FirstSentence(text), Passages.LastSentence(text));
        return Behind(first, Opinion().Match(first)) ?? Heading(text) ?? Behind(first, Flat().Match(first)) ?? Ahead(last)
            ?? (ClaimAfter().Matches(last).LastOrDefault() is { } after ? Behind(last, after) : null) ?? Ahead(first);
    }

    // "My choice: X" as a first line, or "The right one? X."
    private static Statement? Heading(string text)
    {
        var line = Passages.FirstLine(text);
        var lead = Lead().Match(line);
        return lead.Success && Words.Of(Passages.FirstSentence(line[lead.Length..])).Count is > 0 and <= WordsOfAHeadedAnswer
            ? Behind(line, lead)
            : null;
    }

    // "X fits best."
    private static Statement? Ahead(string sentence) => ClaimBefore().Matches(sentence).LastOrDefault() is { Index: > 0 } claim
        ? new Statement(sentence[..claim.Index], Follows: false)
        : null;

    // "I conclude that X is right."
    private static Statement? Behind(string text, Match match)
    {
        if (!match.Success)
        {
            return null;
        }

        var claimed = text[(match.Index + match.Length)..].TrimStart('*', '_', ':', '"', '“', '`', ' ');
        claimed = ClaimBefore().Match(claimed) is { Success: true, Index: > 0 } tail ? claimed[..tail.Index] : claimed;
        return claimed.Length > 0 ? new Statement(claimed, Follows: true) : null;
    }

    /// <summary>The answer alone: the first sentence behind "the answer is", or the clause before "is the answer".</summary>
    public string Sentence => Follows ? Passages.FirstSentence(Text) : Clause;

    /// <summary>The first line of an answer that follows, or the clause that leads.</summary>
    public string Line => Follows ? Passages.FirstLine(Text) : Clause;

    private string Clause
    {
        get
        {
            var end = Text.Length - 1;
            while (end > 0 && !(Text[end - 1] is ',' or ':' or ';' && char.IsWhiteSpace(Text[end])))
            {
                end--;
            }

            return Text[Math.Max(0, end)..].Trim();
        }
    }

    private bool IsAnswer => Follows
        ? Answers.Clean.Of(Passages.FirstLine(Text)).Length > 0
        : Clause.Length > 0 && !Pointer().IsMatch(Clause);

    [GeneratedRegex(
        """
        (?: (?<!/\s?)\b(?:answer|solution|(?:correct|right|best|final)\s{1,3}(?:option|choice|answer|result))
            (?:\s{1,3}(?:to|for|of|here|choice|option)\b[^.:\n]{0,60}?)?
            [\s*_"”]{0,8}
            (?: (?:is|are|was|would\s{1,3}be|will\s{1,3}be|should\s{1,3}be|must\s{1,3}be|has\s{1,3}to\s{1,3}be|equals)\b
                (?:\s{1,3}(?:therefore|thus|then|simply|just|clearly|definitely|probably|most\s{1,3}likely|likely|indeed|option|choice)\b){0,3}
                [\s*_]{0,8}:?
              | \s{0,3}[:=] | \s{1,3}[-–—]\s )
          | ^[ \t]{0,8}A:\s
          | \#\#\#\#
          | ^[ \t*_#]{1,8}(?:(?:final|correct|my)\s{1,3})?(?:answer|solution|conclusion)[ \t*_]{0,8}\n
          | ^[ \t*_#]{0,8}(?:output|result|verdict|label|category|class|conclusion|prediction|classification|sentiment|emotion|topic|choice|final\s{1,3}\w{1,20})
            [ \t]{0,3}[*_]{0,3}:[*_]{0,3}(?=[^\n]{1,200}$)
        )\s{0,8}
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    private static partial Regex After();

    // The same in other languages, of answers that are compared as they stand: letters and numbers.
    [GeneratedRegex(
        """
        (?: (?:答案|答え|正解|정답|답)\s{0,3}(?:应该是|應該是|是|为|為|は|은|는|[:：])
          | \b(?:réponse|respuesta|risposta|resposta|antwort|antwoord|odpowiedź|svar|cevap|ответ)\b
            (?:\s{1,3}(?:correcte|correcta|corretta|correta|finale?|final|правильный)\b)?
            [*_]{0,3}(?:\s{0,3}[:=—–] | \s{1,3}(?:est|es|ist|è|é|is|jest|är|er)\b)
          | (?:الجواب|الإجابة)(?:\s{1,3}(?:الصحيح|الصحيحة|النهائي))?\s{0,3}(?:هو|هي|:)
        )[\s*_:：]{0,8}
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(
        """
        (?<=\S)\s{1,3}(?:is|are|was|would\s{1,3}be|must\s{1,3}be)\s{1,3}(?:therefore\s{1,3}|thus\s{1,3}|clearly\s{1,3})?(?:the|my)\s{1,3}
        (?:(?:correct|right|best|final|only\s{1,3}possible|most\s{1,3}likely)\s{1,3})?(?:answer|option|choice)\b(?!\s{0,3}(?:[:=]|is\b|to\s{1,3}(?:wh|th)))
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Before();

    [GeneratedRegex(
        """
        \bI(?:\s(?:would|can|will|must|should)|['’]d)?\s(?:say|conclude|answer|think|believe|choose|guess|pick|get|go\swith)
        (?:\sthat)?(?:\s(?:it|this|the\s\w{1,20})(?:\sis|['’]s|\swas|\smust\sbe|\sshould\sbe))?:?\s{1,3}
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Opinion();

    [GeneratedRegex(
        """
        (?: \bI(?:\s(?:would|can|will|must|should)|['’]d)?\s(?:say|conclude|answer|think|believe|choose|guess|pick|get|go\swith)
            (?:\sthat)?(?:\s(?:it|this|the\s\w{1,20})(?:\sis|['’]s|\swas|\smust\sbe|\sshould\sbe))?
          | \b(?:that|which|this)\s(?:makes|leaves|gives|means)(?:\s(?:it|us|them|me)(?:\swith)?)?
          | \b(?:should|must|would|has\sto|have\sto|can\sonly)\sbe
          | \b(?:arrive|end)\s(?:at|up\s(?:at|with))
          | ^(?:(?:so|thus|hence|therefore|then|and)\s){0,2}(?:it|that|this)(?:\sis|['’]s|\smust\sbe|\swould\sbe|\sshould\sbe)
        ):?\s{1,3}
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ClaimAfter();

    [GeneratedRegex(
        @"(?<=\S)\s{1,3}(?:fits\s(?:best|the|all)|is\s(?:right|correct|what|the\sone|best)|(?:must|has\sto|should)\sbe\s(?:right|correct|it|the\sone)|would\sbe\s(?:right|correct|best)|seems\s(?:best|right|correct|most\slikely))\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex ClaimBefore();

    // "It has to be X; …"
    [GeneratedRegex(@"^(?:it|this|that)\s(?:has\sto|must|should|would|can\sonly)\sbe\s{1,3}", RegexOptions.IgnoreCase)]
    private static partial Regex Flat();

    [GeneratedRegex(
        @"^(?!\W{0,3}(?:step|explanation|reason|reasoning|note|question|given|first|part|case|example|input|context|let|we|there|options?)\b)[^:?\n]{1,60}[:?][*_]{0,3}\s{1,2}",
        RegexOptions.IgnoreCase)]
    private static partial Regex Lead();

    // "This is the answer" points at something else.
    [GeneratedRegex(@"^(?:\W{0,3}(?:and|so|thus|hence|therefore|because)\s)?\W{0,3}(?:this|that|it|these|those|which|what|here|below|above|the following|the above|one|each)\W{0,3}$", RegexOptions.IgnoreCase)]
    private static partial Regex Pointer();

    [GeneratedRegex(@"^not\b(?![^.\n]{0,60}\bbut\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Denial();
}
