using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>Reads the classes of characters in a pattern: what stands in brackets, and escapes.</summary>
internal static class ClassReader
{
    private const int DeepestNesting = 20;

    /// <summary>Reads a class that begins with a bracket.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static CharacterClass Read(string pattern, ref int at, bool ignoresCase) => Read(pattern, ref at, ignoresCase, DeepestNesting);

    /// <summary>Reads an escape that stands for characters; null, and nothing read, where it stands for something else.</summary>
    /// <exception cref="FormatException">It is malformed, or names a property that is not known.</exception>
    public static CharacterClass? EscapeAt(string pattern, ref int at)
    {
        var sign = pattern[at + 1];
        if (Shorthand(sign) is { } shorthand)
        {
            at += 2;
            return shorthand;
        }

        switch (sign)
        {
            case 'p' or 'P' when at + 2 < pattern.Length && pattern[at + 2] == '{':
                return Property(pattern, ref at);
            case 'x' or 'u':
                return CharacterClass.Of(Code(pattern, ref at));
            case 'b' or 'B' or 'A' or 'z' or 'Z' or 'R' or 'G' or 'K' or 'X' or 'k' or 'g' or 'N' or 'O' or 'y' or 'Y' or 'c' or 'C' or 'M' or (>= '0' and <= '9'):
                return null;
            default:
                Rune.DecodeFromUtf16(pattern.AsSpan(at + 1), out var rune, out var length);
                at += 1 + length;
                return CharacterClass.Of(rune.Value switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', 'v' => '\v', 'a' => 7, 'e' => 27, _ => rune.Value });
        }
    }

    private static CharacterClass? Shorthand(char sign) => sign switch
    {
        's' => CharacterClass.Space,
        'S' => CharacterClass.Space.Not(),
        'd' => CharacterClass.Digit,
        'D' => CharacterClass.Digit.Not(),
        'w' => CharacterClass.Word,
        'W' => CharacterClass.Word.Not(),
        'h' => CharacterClass.HexDigit,
        'H' => CharacterClass.HexDigit.Not(),
        _ => null,
    };

    private static CharacterClass Property(string pattern, ref int at)
    {
        var end = pattern.IndexOf('}', at);
        var name = end < 0 ? throw new FormatException("leaves a property open") : pattern[(at + 3)..end];
        var isNegated = pattern[at + 1] == 'P' ^ name.StartsWith('^');
        at = end + 1;
        var known = CharacterClass.Named(name.TrimStart('^')) ?? throw new FormatException($"uses '\\p{{{name}}}'");
        return isNegated ? known.Not() : known;
    }

    private static int Code(string pattern, ref int at)
    {
        var isBraced = pattern[at + 1] == 'x' && at + 2 < pattern.Length && pattern[at + 2] == '{';
        var start = at + (isBraced ? 3 : 2);
        var longest = isBraced ? 8 : pattern[at + 1] == 'u' ? 4 : 2;
        var end = start;
        while (end < pattern.Length && end < start + longest && char.IsAsciiHexDigit(pattern[end]))
        {
            end++;
        }

        if (end <= start || !int.TryParse(
            pattern.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out var code) || !Rune.IsValid(code))
        {
            throw new FormatException("has an escape without a character's number");
        }

        at = end;
        return !isBraced || Take(pattern, ref at, "}") ? code : throw new FormatException("leaves a character's number open");
    }

    private static CharacterClass Read(string pattern, ref int at, bool ignoresCase, int depth)
    {
        if (depth == 0)
        {
            throw new FormatException("nests too many classes");
        }

        at++;
        var isNegated = Take(pattern, ref at, "^");
        CharacterClass? whole = null;
        CharacterClass? all = null;
        for (var isFirst = true; ; isFirst = false)
        {
            if (at >= pattern.Length)
            {
                throw new FormatException("leaves a class open");
            }

            if (pattern[at] == ']' && !isFirst)
            {
                at++;
                break;
            }

            if (Take(pattern, ref at, "&&"))
            {
                whole = Both(whole, all);
                all = null;
                continue;
            }

            var next = Member(pattern, ref at, ignoresCase, depth);
            next = ignoresCase && !next.IsNegated ? next.IgnoringCase() : next;
            all = all?.Or(next) ?? next;
        }

        var read = Both(whole, all);
        return isNegated ? read.Not() : read;
    }

    private static CharacterClass Both(CharacterClass? one, CharacterClass? other) =>
        other is null ? throw new FormatException("has an empty class") : one?.And(other) ?? other;

    private static CharacterClass Member(string pattern, ref int at, bool ignoresCase, int depth)
    {
        if (pattern[at] == '[')
        {
            return Posix(pattern, ref at) ?? Read(pattern, ref at, ignoresCase, depth - 1);
        }

        var first = One(pattern, ref at);
        if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] is not (']' or '[') && CodeOf(first) is { } low)
        {
            at++;
            var high = CodeOf(One(pattern, ref at)) ?? throw new FormatException("has a range that ends with a class");
            return high < low ? throw new FormatException("has a range that runs backwards") : CharacterClass.Between(low, high);
        }

        return first;
    }

    private static CharacterClass One(string pattern, ref int at)
    {
        if (pattern[at] == '\\')
        {
            var sign = at + 1 < pattern.Length ? pattern[at + 1] : throw new FormatException("ends with a backslash");
            if (sign == 'b')
            {
                at += 2;
                return CharacterClass.Of('\b');
            }

            return EscapeAt(pattern, ref at) ?? throw new FormatException($"uses '\\{sign}' in a class");
        }

        Rune.DecodeFromUtf16(pattern.AsSpan(at), out var rune, out var length);
        at += length;
        return CharacterClass.Of(rune.Value);
    }

    private static int? CodeOf(CharacterClass one) => one.Set.Ranges is [var (first, last)] && first == last ? first : null;

    private static CharacterClass? Posix(string pattern, ref int at)
    {
        var end = pattern.AsSpan(at).StartsWith("[:") ? pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return null;
        }

        var name = pattern[(at + 2)..end];
        at = end + 2;
        var known = CharacterClass.Named(name.TrimStart('^')) ?? throw new FormatException($"uses '[:{name}:]'");
        return name.StartsWith('^') ? known.Not() : known;
    }

    private static bool Take(string pattern, ref int at, string sign)
    {
        var isThere = pattern.AsSpan(at).StartsWith(sign);
        at += isThere ? sign.Length : 0;
        return isThere;
    }
}
