using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>
/// Turns the mathematical mark-up of responses into plain words, and a result in a box, a tag or a JSON field into a stated answer.
/// </summary>
internal static partial class Markup
{
    private const string Box = "\\boxed{";
    private const int LongestBox = 1000;

    private const string Opening = "<answer>";
    private const string Closing = "</answer>";

    private static readonly SearchValues<string> FieldEnd = SearchValues.Create(["answer\""], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<string> Tags = SearchValues.Create([Opening], StringComparison.OrdinalIgnoreCase);

    public static string Plain(string text)
    {
        text = text.AsSpan().ContainsAny(FieldEnd) ? Field().Replace(text, "\nthe answer is ${t}\n") : text;
        text = text.Contains('|') ? Cell().Replace(text, "\nthe answer is ${t}\n") : text;
        text = text.Contains("```", StringComparison.Ordinal) ? Fence().Replace(text, "") : text;
        text = Capital().Replace(text, "${t}");
        text = Untagged(text);
        if (!text.Contains('\\'))
        {
            return text;
        }

        text = Fraction().Replace(text, "${n}/${d}");
        text = Wrapper().Replace(text, "${t}");
        text = Unboxed(text);
        text = text.Replace("\\$", "$", StringComparison.Ordinal).Replace("\\%", "%", StringComparison.Ordinal);
        return Space().Replace(text, "");
    }

    private static string Untagged(string text)
    {
        text = text.Replace("final_answer>", "answer>", StringComparison.OrdinalIgnoreCase);
        var plain = new StringBuilder();
        var from = 0;
        for (var at = NextTag(text, 0); at >= 0; at = NextTag(text, at + Opening.Length))
        {
            var start = at + Opening.Length;
            var length = text.AsSpan(start, Math.Min(text.Length - start, LongestBox)).IndexOf(Closing, StringComparison.OrdinalIgnoreCase);
            if (length >= 0)
            {
                plain.Append(text, from, at - from).Append("\nthe answer is ").Append(text, start, length).Append('\n');
                from = start + length + Closing.Length;
                at = from - Opening.Length;
            }
        }

        return from == 0 ? text : plain.Append(text, from, text.Length - from).ToString();
    }

    private static int NextTag(string text, int from) =>
        text.AsSpan(from).IndexOfAny(Tags) is >= 0 and var at ? from + at : -1;

    // A box ends at the brace that closes it; one that nothing closes nearby is left as it is.
    private static string Unboxed(string text)
    {
        var plain = new StringBuilder(text.Length);
        var from = 0;
        for (var at = Next(text, 0); at >= 0; at = Next(text, from))
        {
            var start = at + Box.Length;
            var end = EndOf(text, start);
            var before = at > from && text[at - 1] == '$' ? at - 1 : at;
            if (end < 0)
            {
                plain.Append(text, from, start - from);
                from = start;
                continue;
            }

            plain.Append(text, from, before - from).Append("the answer is ").Append(text, start, end - start).Append('\n');
            from = end + 1 < text.Length && text[end + 1] == '$' ? end + 2 : end + 1;
        }

        return plain.Append(text, from, text.Length - from).ToString();
    }

    private static int Next(string text, int from) => text.IndexOf(Box, from, StringComparison.Ordinal);

    private static int EndOf(string text, int start)
    {
        var open = 1;
        for (var i = start; i < Math.Min(text.Length, start + LongestBox); i++)
        {
            open += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (open == 0)
            {
                return i;
            }
        }

        return -1;
    }

    [GeneratedRegex(@"\\[dt]?frac\{(?<n>[^{}]*)\}\{(?<d>[^{}]*)\}")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\\(?:text|mathrm|mathbf|textbf)\{(?<t>[^{}]*)\}")]
    private static partial Regex Wrapper();

    // {"answer": "B"}
    [GeneratedRegex(@"""(?:final[ _]?)?answer""\s{0,3}:\s{0,3}""(?<t>[^""\n]{1,1000})""", RegexOptions.IgnoreCase)]
    private static partial Regex Field();

    // "| Answer | B |", but not the head of a table, under which a line of dashes stands.
    [GeneratedRegex(
        @"^[ \t]{0,8}\|[ \t*_]{0,8}(?:(?:final|correct)[ ])?answer[ \t*_:]{0,8}\|[ \t]{0,8}(?<t>[^|\n]{1,200})\|[ \t]{0,8}$(?!\n[ \t]{0,8}\|[ \t:]{0,8}-)",
        RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Cell();

    [GeneratedRegex(@"^[ \t]{0,8}```\w{0,20}[ \t]{0,8}$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    // "**A**nswer"
    [GeneratedRegex(@"\*\*(?<t>[A-Z])\*\*(?=[a-z])")]
    private static partial Regex Capital();

    [GeneratedRegex(@"\\[,!;()\[\]]")]
    private static partial Regex Space();
}
