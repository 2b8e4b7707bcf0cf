namespace Orca.Streams.Sieves;

/// <summary>
/// Tells words that only number the parts of a text or name them: a single Latin letter and a Roman numeral wherever they stand, since
/// what surrounds them changes with the numbering; a number of up to three digits between white space and a full stop, colon or closing
/// bracket ("12.", "(3)", "4)"); and "Question", "Answer", "Options" … before a colon, with a number or without.
/// </summary>
/// <remarks>
/// A number that ends a sentence goes too, on both sides of a comparison; all others count. The text is gone through once: characters
/// between words are told by <see cref="Pass"/>.
/// </remarks>
internal ref struct ListMarks(ReadOnlySpan<char> text)
{
    private const int MostDigits = 3;
    private const int LongestRoman = 4;
    private const int LongestMark = 8;

    private readonly ReadOnlySpan<char> text = text;
    private int depth;
    private int afterName = -1;

    /// <summary>Goes past a character between words.</summary>
    public void Pass(char letter) => depth = Narrow(letter) switch
    {
        '(' => depth + 1,
        ')' => Math.Max(depth - 1, 0),
        _ => depth,
    };

    /// <summary>Whether the word from <paramref name="start"/> to <paramref name="end"/> is such a mark.</summary>
    public bool Contains(int start, int end)
    {
        var (length, first, last) = (end - start, char.ToLowerInvariant(At(start)), At(end - 1));
        if (length > LongestMark)
        {
            return false;
        }

        if (char.IsAsciiDigit(last))
        {
            return length <= MostDigits + 1 && IsNumbering(start, end) && Follows(end) && (Precedes(start, end) || afterName == start);
        }

        if (length == 1)
        {
            return char.IsAsciiLetter(first);
        }

        return first is 'a' or 'c' or 'e' or 'i' or 'o' or 'p' or 'q' or 'v' or 'x'
            && (IsRoman(start, end) || (IsName(start, end) && Names(end)));
    }

    private bool Names(int end)
    {
        var next = SkipSpace(end);
        if (next < text.Length && At(next) == ':')
        {
            return true;
        }

        var digits = next;
        while (next < text.Length && next - digits <= MostDigits && char.IsAsciiDigit(At(next)))
        {
            next++;
        }

        if (next == digits || next - digits > MostDigits || !Follows(next))
        {
            return false;
        }

        afterName = digits;
        return true;
    }

    private readonly int SkipSpace(int index)
    {
        var end = Math.Min(index + 4, text.Length);
        while (index < end && char.IsWhiteSpace(text[index]))
        {
            index++;
        }

        return index;
    }

    // "Q12" too.
    private readonly bool IsNumbering(int start, int end)
    {
        var digits = char.IsAsciiLetter(At(start)) ? start + 1 : start;
        for (var index = digits; index < end; index++)
        {
            if (!char.IsAsciiDigit(At(index)))
            {
                return false;
            }
        }

        return end - digits is > 0 and <= MostDigits;
    }

    // What closes a number that numbers something, and no decimal point.
    private readonly bool Follows(int end) => end < text.Length
        && At(end) is (':' or '.' or ')' or ']' or '、' or '】')
        && (end + 1 == text.Length || !char.IsAsciiDigit(At(end + 1)));

    private readonly bool Precedes(int start, int end)
    {
        if (start == 0 || char.IsWhiteSpace(text[start - 1]))
        {
            // A bracket that closes what was opened before is arithmetic.
            return At(end) != ')' || depth == 0;
        }

        return At(start - 1) is '(' or '[' or '【' && (start == 1 || char.IsWhiteSpace(text[start - 2]));
    }

    private readonly char At(int index) => Narrow(text[index]);

    private static char Narrow(char letter) => letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter;

    private readonly bool IsName(int start, int end)
    {
        Span<char> letters = stackalloc char[LongestMark];
        return Small(start, end, letters) is "question" or "problem" or "exercise" or "answer" or "passage" or "input"
            or "options" or "choices" or "option" or "choice";
    }

    // From 2 to 16: longer ones are words, or too rare.
    private readonly bool IsRoman(int start, int end)
    {
        Span<char> letters = stackalloc char[LongestMark];
        return end - start <= LongestRoman && Small(start, end, letters) is "ii" or "iii" or "iv" or "vi" or "vii" or "viii"
            or "ix" or "xi" or "xii" or "xiii" or "xiv" or "xv" or "xvi";
    }

    private readonly ReadOnlySpan<char> Small(int start, int end, Span<char> letters)
    {
        for (var index = start; index < end; index++)
        {
            letters[index - start] = char.ToLowerInvariant(At(index));
        }

        return letters[..(end - start)];
    }
}
