using System.Globalization;

namespace Orca.Streams.Sieves;

/// <summary>What a character is to a word.</summary>
internal enum CharacterKind : byte
{
    /// <summary>No part of any.</summary>
    None,

    /// <summary>A part of one.</summary>
    Part,

    /// <summary>One by itself: of a script that puts no spaces between words.</summary>
    Whole,
}

/// <summary>What each of the 65,536 UTF-16 units is to a word, looked up once.</summary>
internal sealed class CharacterTable
{
    private const char FirstFullWidth = '\uFF01';
    private const char LastFullWidth = '\uFF5E';

    private readonly CharacterKind[] kinds = new CharacterKind[char.MaxValue + 1];
    private readonly char[] folded = new char[char.MaxValue + 1];

    public CharacterTable()
    {
        for (var code = 0; code <= char.MaxValue; code++)
        {
            var letter = (char)code;
            kinds[code] = IsIdeograph(letter) ? CharacterKind.Whole
                : char.IsLetterOrDigit(letter) ? CharacterKind.Part : CharacterKind.None;
            folded[code] = char.ToLowerInvariant(
                letter is >= FirstFullWidth and <= LastFullWidth ? (char)(letter - FirstFullWidth + '!') : letter);
        }
    }

    /// <summary>What a character is to a word.</summary>
    public CharacterKind KindOf(char letter) => kinds[letter];

    /// <summary>A letter in lower case, and of ordinary width.</summary>
    public char Folded(char letter) => folded[letter];

    /// <summary>Whether it is a sign of arithmetic, or a bracket.</summary>
    public static bool IsSign(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.MathSymbol or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
            or UnicodeCategory.DashPunctuation
        || letter is '*' or '/' or '^' or '%' or '&';

    /// <summary>Whether it is a round bracket, which is punctuation as often as not.</summary>
    public static bool IsBracket(char letter) => letter is '(' or ')';

    /// <summary>Whether a sentence, or a line, ends with it.</summary>
    public static bool EndsSentence(char letter) => letter is '.' or '?' or '!' or ':' or '\n' or '。';

    /// <summary>Whether it is a dash, or a minus.</summary>
    public static bool IsDash(char letter) => letter is '-' or '\u2212' or '\u2013';

    // Half of a character beyond the first plane counts as one too: ideographs of the extensions, and emoji.
    private static bool IsIdeograph(char letter) => letter is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u4DBF')
        or (>= '\u4E00' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') or (>= '\uD840' and <= '\uD8BF');
}
