namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// The small changes of a regular expression: an alternative dropped, a quantifier dropped, a look around dropped, a class turned into
/// its opposite.
/// </summary>
/// <remarks>Leaves anchors alone. Reads what the extractor's patterns are made of: no comments, conditionals or references.</remarks>
internal sealed class PatternMutants
{
    private readonly string pattern;
    private readonly List<(int Start, int End, string Text)> changes = [];
    private int at;

    private PatternMutants(string pattern) => this.pattern = pattern;

    /// <summary>The changed patterns, each with the text that was replaced and what stands there instead.</summary>
    public static IEnumerable<(string Was, string Becomes, string Pattern)> Of(string pattern)
    {
        var reader = new PatternMutants(pattern);
        reader.Alternatives();
        if (reader.at != pattern.Length)
        {
            throw new FormatException($"The pattern was read up to {reader.at} only: {pattern}");
        }

        return reader.changes.OrderBy(change => change.Start).ThenBy(change => change.End)
            .Select(change => (pattern[change.Start..change.End], change.Text,
                pattern[..change.Start] + change.Text + pattern[change.End..]));
    }

    private void Alternatives()
    {
        var starts = new List<int> { at };
        while (at < pattern.Length && pattern[at] != ')')
        {
            if (pattern[at] == '|')
            {
                at++;
                starts.Add(at);
                continue;
            }

            Quantified();
        }

        // The last goes with the bar before it, the others with the one behind.
        for (var i = 0; starts.Count > 1 && i < starts.Count; i++)
        {
            var isLast = i == starts.Count - 1;
            changes.Add(isLast ? (starts[i] - 1, at, "") : (starts[i], starts[i + 1], ""));
        }
    }

    private void Quantified()
    {
        Atom();
        var start = at;
        if (at < pattern.Length && pattern[at] is '*' or '+' or '?')
        {
            at++;
        }
        else if (at < pattern.Length && pattern[at] == '{')
        {
            at = pattern.IndexOf('}', at) + 1;
        }

        if (at > start)
        {
            at += at < pattern.Length && pattern[at] == '?' ? 1 : 0;
            changes.Add((start, at, ""));
        }
    }

    private void Atom()
    {
        var start = at;
        switch (pattern[at])
        {
            case '(':
                Group();
                break;
            case '[':
                Class();
                break;
            case '\\':
                at += 2;
                Escape(start);
                break;
            default:
                at++;
                break;
        }
    }

    private void Escape(int start)
    {
        var sign = pattern[start + 1];
        if (sign is 's' or 'S' or 'd' or 'D' or 'w' or 'W')
        {
            changes.Add((start, at, $"\\{(char.IsLower(sign) ? char.ToUpperInvariant(sign) : char.ToLowerInvariant(sign))}"));
        }
        else if (sign is 'p' or 'P')
        {
            at = pattern.IndexOf('}', at) + 1;
            changes.Add((start, start + 2, sign == 'p' ? "\\P" : "\\p"));
        }
        else if (sign == 'u')
        {
            at += 4;
        }
    }

    private void Group()
    {
        var start = at;
        at++;
        var isLook = false;
        if (pattern[at] == '?')
        {
            isLook = pattern[at + 1] is '=' or '!' || (pattern[at + 1] == '<' && pattern[at + 2] is '=' or '!');
            at = isLook ? at + (pattern[at + 1] == '<' ? 3 : 2)
                : pattern[at + 1] == '<' ? pattern.IndexOf('>', at) + 1
                : pattern.IndexOf(':', at) + 1;
        }

        Alternatives();
        at++;
        if (isLook)
        {
            changes.Add((start, at, ""));
        }
    }

    private void Class()
    {
        var start = at;
        at++;
        var isNegated = pattern[at] == '^';
        at += isNegated ? 1 : 0;
        at += pattern[at] == ']' ? 1 : 0;
        while (pattern[at] != ']')
        {
            at += pattern[at] == '\\' ? 2 : 1;
        }

        at++;
        changes.Add(isNegated ? (start, start + 2, "[") : (start, start + 1, "[^"));
    }
}
