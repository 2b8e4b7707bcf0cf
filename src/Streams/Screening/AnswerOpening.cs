namespace Orca.Streams.Screening;

/// <summary>How an answer begins: its first sentences without the courtesy before them, and the signs of a refusal in them.</summary>
internal sealed class AnswerOpening
{
    private const int Longest = 480;
    private const int Sentences = 3;

    // Of the courtesy before an answer: "Sure! Thank you for asking. I understand that …"
    private const int Courtesies = 3;

    private readonly string text;
    private readonly string first;
    private readonly bool isSorry;

    private AnswerOpening(string text)
    {
        this.text = text;
        first = text[..EndOfSentences(text, 1)];
        isSorry = RefusalPhrases.IsSorry().IsMatch(text);
    }

    /// <summary>Whether the answer is a letter, a speaker's line, a quotation, a list or code from its first sign on.</summary>
    public bool SpeaksForAnother => RefusalPhrases.SpeaksForAnother().IsMatch(text);

    /// <summary>Whether it is sorry first of all.</summary>
    public bool IsSorry => isSorry;

    /// <summary>Where it calls itself a model: whether it lacks something right there. Null where it does not.</summary>
    public (bool LacksSomething, int At)? IsModel
    {
        get
        {
            var match = RefusalPhrases.SaysItIsAModel().Match(text);
            return match.Success ? (LacksSomethingAfter(match.Index + match.Length), match.Index) : null;
        }
    }

    /// <summary>Whether it cannot serve, in its first sentence or, being sorry, in any.</summary>
    public bool CannotServe => RefusalPhrases.CannotServe().IsMatch(isSorry ? text : first);

    /// <summary>Whether it cannot do something or lacks something.</summary>
    public bool CannotDo => RefusalPhrases.CannotDo().IsMatch(first);

    /// <summary>Whether it refuses the request as such.</summary>
    public bool CannotServeThis => RefusalPhrases.CannotServeThis().IsMatch(text);

    /// <summary>Whether it says that its input is missing.</summary>
    public bool MissesInput => RefusalPhrases.MissesInput().IsMatch(text);

    /// <summary>Whether it asks its reader for something.</summary>
    public bool AsksForIt => RefusalPhrases.AsksForIt().IsMatch(text);

    /// <summary>Whether it finds the request improper.</summary>
    public bool FindsItImproper => RefusalPhrases.FindsItImproper().IsMatch(text);

    /// <summary>The opening of an answer; null where no sign of a refusal is in it.</summary>
    public static AnswerOpening? Of(string response)
    {
        Span<char> room = stackalloc char[Longest];
        var plain = room[..WritePlain(response.AsSpan().TrimStart(), room)];
        if (!plain.ContainsAny(RefusalPhrases.Signs))
        {
            return null;
        }

        var text = plain.ToString();
        for (var courtesy = 0; courtesy < Courtesies && RefusalPhrases.Courtesy().Match(text) is { Success: true } match; courtesy++)
        {
            var rest = text[match.Length..];
            text = rest.StartsWith("however", StringComparison.Ordinal) ? rest["however".Length..].TrimStart(',', ' ') : rest;
        }

        return new AnswerOpening(text[..EndOfSentences(text, Sentences)]);
    }

    // In lower case, with plain apostrophes and one space for any white space: as much as there is room for. Its length.
    private static int WritePlain(ReadOnlySpan<char> response, Span<char> plain)
    {
        var length = 0;
        foreach (var letter in response[..Math.Min(response.Length, 2 * plain.Length)])
        {
            if (length == plain.Length)
            {
                break;
            }

            var sign = letter is '\u2019' or '\u02BC' or '`' ? '\'' : char.IsWhiteSpace(letter) ? ' ' : char.ToLowerInvariant(letter);
            if (sign != ' ' || (length > 0 && plain[length - 1] != ' '))
            {
                plain[length++] = sign;
            }
        }

        return length;
    }

    private static int EndOfSentences(string text, int count)
    {
        for (var at = 0; at < text.Length - 1; at++)
        {
            if (text[at] is '.' or '!' or '?' && text[at + 1] == ' ' && --count == 0)
            {
                return at + 1;
            }
        }

        return text.Length;
    }

    // In the same sentence, or where the next one goes on about "I".
    private bool LacksSomethingAfter(int at)
    {
        var rest = text[at..];
        var sentence = EndOfSentences(rest, 1);
        return RefusalPhrases.LacksSomething().IsMatch(rest[..sentence])
            || RefusalPhrases.CannotServe().IsMatch(rest[sentence..]) || RefusalPhrases.CannotDo().IsMatch(rest[sentence..]);
    }
}
