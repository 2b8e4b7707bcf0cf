using System.Collections.Immutable;
using System.Globalization;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>
/// Reads a regular expression of ECMA-262 as far as it is regular: characters, classes, <c>\d \w \s</c>, groups, alternatives,
/// repetitions, <c>^</c> and <c>$</c>, and looking ahead from the very beginning. Not read: references back to groups, word
/// boundaries, looking behind or ahead elsewhere, Unicode categories.
/// </summary>
internal sealed class PatternReader
{
    private const int MostDepth = 64;
    private const int MostRepeats = 1_000;

    private static readonly CharSet Digits = CharSet.Of(('0', '9'));
    private static readonly CharSet Words = CharSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CharSet LineEnds = CharSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));
    private static readonly CharSet Spaces = CharSet.Of(
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    private readonly ImmutableArray<int> text;
    private int at;

    private PatternReader(string pattern) => text = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    private int Next => at < text.Length ? text[at] : -1;

    /// <summary>Reads one.</summary>
    /// <exception cref="PatternException">It is none, or not regular.</exception>
    public static PatternNode Read(string pattern)
    {
        var reader = new PatternReader(pattern);
        var whole = reader.Alternatives(MostDepth);
        return reader.at == reader.text.Length ? whole : throw reader.Fault("has a ')' without a '('");
    }

    private PatternNode Alternatives(int depth)
    {
        if (depth == 0)
        {
            throw Fault("has groups too deep within each other");
        }

        var alternatives = new List<PatternNode> { Sequence(depth) };
        while (Take('|'))
        {
            alternatives.Add(Sequence(depth));
        }

        return alternatives.Count == 1 ? alternatives[0] : new PatternNode.Choice([.. alternatives]);
    }

    private PatternNode Sequence(int depth)
    {
        var parts = ImmutableArray.CreateBuilder<PatternNode>();
        while (Next is not (-1 or '|' or ')'))
        {
            parts.Add(Repeated(Part(depth)));
        }

        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts.ToImmutable());
    }

    private PatternNode Repeated(PatternNode part)
    {
        if (Next is not ('*' or '+' or '?' or '{'))
        {
            return part;
        }

        if (part is PatternNode.Edge or PatternNode.Ahead)
        {
            throw Fault("repeats what takes no character");
        }

        var (least, most) = text[at++] switch
        {
            '*' => (0, (int?)null),
            '+' => (1, null),
            '?' => (0, 1),
            _ => Counts(),
        };

        // How much a repetition takes first does not change which texts there are.
        Take('?');
        return new PatternNode.Repeat(part, least, most);
    }

    /// <summary>What stands in braces, of which the first is read.</summary>
    private (int Least, int? Most) Counts()
    {
        var close = text.IndexOf('}', at);
        var inside = close < 0 ? [] : string.Concat(text[at..close].Select(char.ConvertFromUtf32)).Split(',');
        if (inside.Length is 0 or > 2 || !Count(inside[0], out var least))
        {
            throw Fault("has a '{' that begins no repetition; write \\{ for the character");
        }

        var most = inside.Length == 1 ? least : inside[1].Length == 0 ? null : Count(inside[1], out var count) ? count : (int?)-1;
        if (most < least || least > MostRepeats || most > MostRepeats)
        {
            throw Fault($"repeats {{{string.Join(',', inside)}}}; 0 to {MostRepeats} times, the greater number last, can be kept");
        }

        at = close + 1;
        return (least, most);
    }

    private static bool Count(string digits, out int count) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    private PatternNode Part(int depth)
    {
        var character = text[at++];
        switch (character)
        {
            case '^':
                return new PatternNode.Edge(IsStart: true);
            case '$':
                return new PatternNode.Edge(IsStart: false);
            case '.':
                return new PatternNode.Characters(LineEnds.Others());
            case '[':
                return new PatternNode.Characters(Class());
            case '(':
                return Group(depth);
            case '\\':
                return new PatternNode.Characters(Escape(isInClass: false));
            case '*' or '+' or '?' or '{':
                throw Fault($"has a '{(char)character}' with nothing before it to repeat");
            default:
                return new PatternNode.Characters(CharSet.Of(character));
        }
    }

    private PatternNode Group(int depth)
    {
        bool? refusedAhead = null;
        if (Take('?'))
        {
            if (Take('=') || Take('!'))
            {
                refusedAhead = text[at - 1] == '!';
            }
            else if (Next == '<' && at + 1 < text.Length && text[at + 1] is not ('=' or '!'))
            {
                while (Next is not (-1 or '>'))
                {
                    at++;
                }

                Expect('>');
            }
            else
            {
                Expect(':');
            }
        }

        var inside = Alternatives(depth - 1);
        Expect(')');
        return refusedAhead is { } refused ? new PatternNode.Ahead(inside, refused) : inside;
    }

    private CharSet Class()
    {
        var isOthers = Take('^');
        var set = CharSet.Of();
        while (!Take(']'))
        {
            var first = ClassPart();
            if (Next == '-' && at + 1 < text.Length && text[at + 1] != ']' && first.Ranges is [var (from, same)] && from == same)
            {
                at++;
                var last = ClassPart();
                set = last.Ranges is [var (to, alike)] && to == alike && to >= from
                    ? set.Or(CharSet.Of((from, to)))
                    : throw Fault("has a range in a class that does not go from a character to a later one");
                continue;
            }

            set = set.Or(first);
        }

        return isOthers ? set.Others() : set;
    }

    private CharSet ClassPart()
    {
        if (at == text.Length)
        {
            throw Fault("has a '[' without a ']'");
        }

        var character = text[at++];
        return character == '\\' ? Escape(isInClass: true) : CharSet.Of(character);
    }

    private CharSet Escape(bool isInClass)
    {
        if (at == text.Length)
        {
            throw Fault("ends with a backslash");
        }

        var letter = text[at++];
        return letter switch
        {
            'd' => Digits,
            'D' => Digits.Others(),
            'w' => Words,
            'W' => Words.Others(),
            's' => Spaces,
            'S' => Spaces.Others(),
            't' => CharSet.Of('\t'),
            'n' => CharSet.Of('\n'),
            'r' => CharSet.Of('\r'),
            'f' => CharSet.Of('\f'),
            'v' => CharSet.Of('\v'),
            'b' when isInClass => CharSet.Of('\b'),
            '0' when Next is < '0' or > '9' => CharSet.Of(0),
            'x' => CharSet.Of(Hex(2)),
            'u' => CharSet.Of(Take('{') ? HexToBrace() : Hex(4)),
            (>= '0' and <= '9') or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') =>
                throw Fault($"uses \\{(char)letter}, which cannot be kept"),
            _ => CharSet.Of(letter),
        };
    }

    private int Hex(int digits)
    {
        var value = 0;
        for (var i = 0; i < digits; i++)
        {
            value = (value * 16) + HexDigit();
        }

        return value;
    }

    private int HexToBrace()
    {
        var value = 0;
        while (!Take('}'))
        {
            value = (value * 16) + HexDigit();
            if (value > 0x10FFFF)
            {
                throw Fault("names a character beyond the last one");
            }
        }

        return value;
    }

    private int HexDigit() => Next is >= 0 and < 128 && char.IsAsciiHexDigit((char)Next)
        ? Convert.ToInt32(((char)text[at++]).ToString(), 16)
        : throw Fault("has an escape without its hexadecimal digits");

    private bool Take(char character)
    {
        var isNext = Next == character;
        at += isNext ? 1 : 0;
        return isNext;
    }

    private void Expect(char character)
    {
        if (!Take(character))
        {
            throw Fault(character == ':' ? "has a group that looks behind, or of another kind that cannot be "
                + "kept" : $"lacks a '{character}'");
        }
    }

    private PatternException Fault(string says) => new($"{says}, at character {at}");
}

/// <summary>A regular expression that cannot be kept; the message says why.</summary>
internal sealed class PatternException(string message) : Exception(message);
