using System.Globalization;

namespace Orca.Streams.Screening;

/// <summary>Reads a text word by word, without keeping any of it: what matters is which words are the same.</summary>
/// <remarks>
/// A word is a run of letters and digits, with the sign of reckoning before it, if any; a sign of a script without spaces, and a character
/// beyond the basic plane, is a word of its own. What goes on longer than any word or line does is read sign by sign from there, so that
/// "aaaa…" and "0.3333…" of a page are many words, and those of a line are one or none.
/// </remarks>
/// <param name="text">What to read; any UTF-16, well formed or not.</param>
internal ref struct WordReader(ReadOnlySpan<char> text)
{
    private const int LongestWord = 40;
    private const int LongestLine = 160;
    private const char FirstWithoutSpaces = '\u2E80';
    private const uint Prime = 0x01000193;
    private const uint Offset = 0x811C9DC5;

    private readonly ReadOnlySpan<char> text = text;
    private int at;

    // How often the sign before was read in a row, and whether the word before was left at its longest.
    private int run;
    private bool goesOn;

    /// <summary>The same for the same word, whatever its case (of ASCII letters).</summary>
    public int Hash { get; private set; }

    /// <summary>Letters and digits of it, 1 or more.</summary>
    public int Letters { get; private set; }

    /// <summary>Whether it is digits alone.</summary>
    public bool IsNumber { get; private set; }

    /// <summary>Whether a sentence or a line ended before it.</summary>
    public bool BeginsSentence { get; private set; }

    /// <summary>Whether a line, a bracket or a cell ended before it.</summary>
    public bool BeginsCell { get; private set; }

    /// <summary>Reads the next word; false where there is none.</summary>
    public bool Next()
    {
        var begins = at == 0;
        var cell = false;
        var operation = 0u;
        for (var next = at; next < text.Length; next++)
        {
            var sign = text[next];
            if (char.IsAsciiLetterOrDigit(sign) || (sign > '\u007F' && char.IsLetterOrDigit(sign)))
            {
                (at, BeginsSentence, BeginsCell) = (next, begins, cell);
                return goesOn ? ReadSign(sign | 0x20) : sign < FirstWithoutSpaces ? ReadWord(operation) : ReadSign(sign);
            }

            goesOn = false;
            if (sign == ' ')
            {
                run = 0;
                continue;
            }

            if (char.IsHighSurrogate(sign) && next + 1 < text.Length && char.IsLowSurrogate(text[next + 1]))
            {
                (at, BeginsSentence, BeginsCell) = (next + 1, begins, cell);
                return ReadSign((sign << 16) | text[next + 1]);
            }

            run = next > 0 && text[next - 1] == sign ? run + 1 : 1;
            if (run > LongestLine)
            {
                (at, BeginsSentence, BeginsCell) = (next, begins, cell);
                return ReadSign(sign);
            }

            if (sign is '+' or '-' or '*' or '/' or '<' or '>' or '=' or '%')
            {
                operation = sign;
            }

            cell |= sign is '\n' or ']' or '}' or '|';
            begins |= sign is '\n' or '\u3002' or '\uFF01' or '\uFF1F'
                || (sign is '.' or '!' or '?' && (next + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[next + 1])));
        }

        at = text.Length;
        return false;
    }

    private bool ReadSign(int sign)
    {
        at++;
        (Hash, Letters, IsNumber) = ((int)(((uint)sign * 0x9E3779B1) | 1), 1, false);
        return true;
    }

    private bool ReadWord(uint sign)
    {
        var (hash, from) = (Offset ^ sign, at);
        var isNumber = true;
        var end = Math.Min(text.Length, at + LongestWord);
        var to = at;
        for (; to < end; to++)
        {
            uint letter = text[to];
            if (letter - '0' <= 9)
            {
                hash = (hash ^ letter) * Prime;
            }
            else if ((letter | 0x20) - 'a' <= 'z' - 'a')
            {
                hash = (hash ^ (letter | 0x20)) * Prime;
                isNumber = false;
            }
            else if (letter > '\u007F' && letter < FirstWithoutSpaces && (char.IsLetterOrDigit((char)letter) || IsMark((char)letter)))
            {
                hash = (hash ^ letter) * Prime;
                isNumber = false;
            }
            else
            {
                break;
            }
        }

        at = to;
        goesOn = to - from == LongestWord;
        (Hash, Letters, IsNumber) = ((int)(isNumber ? hash & ~1u : hash | 1u), to - from, isNumber);
        return true;
    }

    // Vowels of Indic scripts and accents that stand by themselves.
    private static bool IsMark(char sign) => char.GetUnicodeCategory(sign)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
