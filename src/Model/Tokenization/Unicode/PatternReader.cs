using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>
/// Reads a regular expression as tokenizers write them (Oniguruma's syntax) and writes it as .NET's. What the two understand
/// differently is rewritten; what .NET cannot say is refused.
/// </summary>
internal sealed class PatternReader
{
    private readonly string pattern;
    private readonly List<Part> parts = [];
    private readonly Stack<Group> open = new();
    private int at;
    private int atom = -1;               // where the last atom begins, behind which a quantifier may stand
    private bool atomVaries;             // whether the atom is a group that can match texts of several lengths
    private Group group = new(0, false);

    private PatternReader(string pattern) => this.pattern = pattern;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is malformed, or .NET cannot say it; the message goes on behind "…which ".</exception>
    public static ReadPattern Read(string pattern)
    {
        var reader = new PatternReader(pattern);
        while (reader.at < pattern.Length)
        {
            reader.ReadNext();
        }

        if (reader.open.Count > 0)
        {
            throw new FormatException("leaves a group open");
        }

        var alphabet = new PatternAlphabet(reader.parts.Select(part => part.Class).OfType<CharacterClass>());
        var text = string.Concat(reader.parts.Select(part => part.Class is { } one ? alphabet.Write(one) : part.Text));
        return new ReadPattern(text, alphabet, reader.group.Repeats);
    }

    private void ReadNext()
    {
        var sign = pattern[at];
        switch (sign)
        {
            case '\\':
                ReadEscape();
                break;
            case '[':
                AddAtom(ClassReader.Read(pattern, ref at, group.IgnoresCase));
                break;
            case '.':
                at++;
                AddAtom(CharacterClass.Of('\n').Not());
                break;
            case '^' or '$':
                at++;
                AddText($"(?m:{sign})"); // ends of lines, always
                break;
            case '(':
                ReadGroup();
                break;
            case ')':
                EndGroup();
                break;
            case '|':
                at++;
                AddText("|");
                atom = -1;
                group.Varies = true;
                break;
            case '*' or '+' or '?':
                at++;
                Quantify(sign.ToString(), sign == '?' ? 1 : int.MaxValue, isInterval: false);
                break;
            case '{' when IntervalAt() is var (least, most, length):
                at += length;
                Quantify(
                    least == most ? $"{{{least}}}"
                        : most == int.MaxValue ? $"{{{least},}}"
                        : $"{{{least},{most}}}", least == most ? 1
                        : most,
                    isInterval: true);
                break;
            default:
                Rune.DecodeFromUtf16(pattern.AsSpan(at), out var rune, out var units);
                at += units;
                AddAtom(CharacterClass.Of(rune.Value));
                break;
        }
    }

    private void ReadEscape()
    {
        var sign = at + 1 < pattern.Length ? pattern[at + 1] : throw new FormatException("ends with a backslash");
        if (ClassReader.EscapeAt(pattern, ref at) is { } one)
        {
            AddAtom(one);
            return;
        }

        at += 2;
        switch (sign)
        {
            case 'b' or 'B':
                AddBoundary(isInside: sign == 'B');
                break;
            case 'A' or 'z' or 'Z':
                AddText($"\\{sign}");
                break;
            case 'R':
                atom = parts.Count;
                parts.Add(new Part(@"(?>\r\n|[\n\v\f\r\u0085\u2028\u2029])"));
                atomVaries = true;
                break;
            default:
                throw new FormatException($"uses '\\{sign}'");
        }
    }

    private void AddBoundary(bool isInside)
    {
        var start = parts.Count;
        AddText("(?:(?<=");
        parts.Add(new Part(null, CharacterClass.Word));
        AddText(isInside ? ")(?=" : ")(?!");
        parts.Add(new Part(null, CharacterClass.Word));
        AddText(")|(?<!");
        parts.Add(new Part(null, CharacterClass.Word));
        AddText(isInside ? ")(?!" : ")(?=");
        parts.Add(new Part(null, CharacterClass.Word));
        AddText("))");
        atom = start;
    }

    private void ReadGroup()
    {
        var rest = pattern.AsSpan(at);
        if (rest.StartsWith("(?#"))
        {
            var end = rest.IndexOf(')');
            at += end < 0 ? throw new FormatException("leaves a comment open") : end + 1;
            return;
        }

        foreach (var start in (string[])["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"])
        {
            if (rest.StartsWith(start))
            {
                Open(start, start.Length, group.IgnoresCase);
                return;
            }
        }

        if (rest.StartsWith("(?<") && rest.IndexOf('>') is > 3 and var close)
        {
            Open("(?:", close + 1, group.IgnoresCase);
        }
        else if (rest.StartsWith("(?i") || rest.StartsWith("(?-i"))
        {
            var isOn = rest[2] == 'i';
            var length = isOn ? 3 : 4;
            if (rest.Length > length && rest[length] == ':')
            {
                Open("(?:", length + 1, isOn);
            }
            else if (rest.Length > length && rest[length] == ')')
            {
                // To the end of the group, whatever alternatives stand there.
                at += length + 1;
                group = group with { IgnoresCase = isOn };
            }
            else
            {
                throw new FormatException($"uses '{rest[..Math.Min(rest.Length, length + 2)]}'");
            }
        }
        else if (rest.StartsWith("(?"))
        {
            throw new FormatException($"uses '{rest[..Math.Min(rest.Length, 4)]}'");
        }
        else
        {
            Open("(?:", 1, group.IgnoresCase);
        }
    }

    private void Open(string start, int length, bool ignoresCase)
    {
        open.Push(group);
        group = new Group(parts.Count, ignoresCase);
        parts.Add(new Part(start));
        at += length;
        atom = -1;
    }

    private void EndGroup()
    {
        at++;
        if (!open.TryPop(out var outer))
        {
            throw new FormatException("closes a group that is not open");
        }

        parts.Add(new Part(")"));
        var isAtomic = parts[group.Start].Text == "(?>";
        atom = group.Start;
        atomVaries = group.Varies && !isAtomic;
        group = outer with { Varies = outer.Varies | group.Varies, Repeats = outer.Repeats | group.Repeats };
    }

    private void Quantify(string quantifier, int most, bool isInterval)
    {
        if (atom < 0)
        {
            throw new FormatException($"has '{quantifier}' behind nothing");
        }

        var isRepeated = most == int.MaxValue;
        group.Repeats |= isRepeated && atomVaries;
        var suffix = at < pattern.Length ? pattern[at] : '\0';
        if (suffix == '?' && !(isInterval && most == 1))
        {
            at++;
            quantifier += "?";
        }
        else if (suffix == '+' && !isInterval)
        {
            at++;
            parts.Insert(atom, new Part("(?>"));
            quantifier += ")";
        }

        parts.Add(new Part(quantifier));
        // A quantifier may follow another: both together are an atom.
        if (at < pattern.Length && (pattern[at] is '*' or '+' or '?' || (pattern[at] == '{' && IntervalAt() is not null)))
        {
            parts.Insert(atom, new Part("(?:"));
            parts.Add(new Part(")"));
        }

        atomVaries = most > 1 && !quantifier.EndsWith(')');
        group.Varies |= most > 1 || quantifier == "?";
    }

    private (int Least, int Most, int Length)? IntervalAt()
    {
        var end = pattern.IndexOf('}', at);
        var ends = end < 0 || atom < 0 ? [] : pattern[(at + 1)..end].Split(',');
        var least = 0;
        if (ends.Length is < 1 or > 2 || (ends[0].Length > 0 && !TryCount(ends[0], out least)) || (ends[0].Length == 0 && (ends.Length == 1 || ends[1].Length == 0)))
        {
            return null;
        }

        var most = least;
        return ends.Length == 2 && ends[1].Length > 0 && !TryCount(ends[1], out most) ? null
            : (least, ends.Length == 2 && ends[1].Length == 0 ? int.MaxValue : most, end + 1 - at);
    }

    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= 100_000;

    private void AddAtom(CharacterClass one)
    {
        atom = parts.Count;
        atomVaries = false;
        parts.Add(new Part(null, group.IgnoresCase && !one.IsNegated ? one.IgnoringCase() : one));
    }

    private void AddText(string text)
    {
        atom = parts.Count;
        atomVaries = false;
        parts.Add(new Part(text));
    }

    private sealed record Part(string? Text, CharacterClass? Class = null);

    private sealed record Group(int Start, bool IgnoresCase)
    {
        /// <summary>Whether it matches texts of several lengths.</summary>
        public bool Varies { get; set; }

        /// <summary>Whether something is repeated that varies itself, which backtracking may try in exponentially many ways.</summary>
        public bool Repeats { get; set; }
    }
}

/// <summary>A pattern as .NET reads it.</summary>
/// <param name="Text">The pattern, for texts of its alphabet.</param>
/// <param name="Alphabet">How it sees characters.</param>
/// <param name="Repeats">Whether backtracking may try exponentially many ways.</param>
internal sealed record ReadPattern(string Text, PatternAlphabet Alphabet, bool Repeats);
