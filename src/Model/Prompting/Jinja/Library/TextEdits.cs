using Orca.Model.Prompting.Jinja.Syntax;
using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>Python's ways to cut, split and change texts; every character keeps where it came from.</summary>
internal static class TextEdits
{
    /// <summary>The text without these characters at its ends; without white space where none are named.</summary>
    public static TemplateText Strip(TemplateText text, string? characters, bool left = true, bool right = true)
    {
        var without = characters ?? Spaces.All;
        var (start, end) = (0, text.Value.Length);
        while (left && start < end && without.Contains(text.Value[start], StringComparison.Ordinal))
        {
            start++;
        }

        while (right && end > start && without.Contains(text.Value[end - 1], StringComparison.Ordinal))
        {
            end--;
        }

        return text.Slice(start, end - start);
    }

    /// <summary>The text with a text in it replaced by another, the first so many times; below zero: always.</summary>
    public static TemplateText Replace(RenderContext context, TemplateText text, TemplateText old, TemplateText by, int count)
    {
        var replaced = new TemplateTextBuilder();
        var at = 0;
        for (var next = Find(text.Value, old.Value, 0); next >= 0 && count != 0; count--)
        {
            replaced.Append(text, new TextSpan(at, next - at)).Append(by);
            context.SpendText(by.Value.Length);
            RenderContext.CheckLength(replaced.Length);
            at = next + old.Value.Length;
            // An empty text is found before every character and at the end.
            next = old.Value.Length > 0 ? Find(text.Value, old.Value, at)
                : at >= text.Value.Length ? -1
                : at + (char.IsSurrogatePair(text.Value, at) ? 2 : 1);
        }

        context.SpendText(text.Value.Length);
        return replaced.Append(text, new TextSpan(at, text.Value.Length - at)).ToText();
    }

    /// <summary>The parts between separators, from the left; a negative limit is none.</summary>
    /// <exception cref="JinjaException">The separator is empty.</exception>
    public static List<TemplateText> Split(RenderContext context, TemplateText text, string? separator, int limit)
    {
        if (separator is null)
        {
            return SplitWords(context, text, limit);
        }

        RequireSeparator(separator);
        var parts = new List<TemplateText>();
        var at = 0;
        for (var next = Find(text.Value, separator, 0); next >= 0 && limit != 0; next = Find(text.Value, separator, at), limit--)
        {
            parts.Add(text.Slice(at, next - at));
            at = next + separator.Length;
        }

        parts.Add(text.Slice(at));
        context.Spend(parts.Count + (text.Value.Length / 64));
        return parts;
    }

    /// <summary>The parts between separators, the limit counted from the right.</summary>
    /// <exception cref="JinjaException">The separator is empty.</exception>
    public static List<TemplateText> SplitFromRight(RenderContext context, TemplateText text, string? separator, int limit)
    {
        if (limit < 0)
        {
            return Split(context, text, separator, limit);
        }

        var parts = new List<TemplateText>();
        var end = text.Value.Length;
        if (separator is null)
        {
            for (; limit > 0 && LastWord(text.Value, end) is { Length: > 0 } word; limit--)
            {
                parts.Insert(0, text.Slice(word.Start, word.Length));
                end = word.Start;
            }

            // As in Python, the first part keeps the spaces at its beginning.
            if (Strip(text.Slice(0, end), null, left: false) is { Value.Length: > 0 } rest)
            {
                parts.Insert(0, rest);
            }

            return parts;
        }

        RequireSeparator(separator);
        for (; limit > 0 && text.Value.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal) is >= 0 and var next; limit--)
        {
            parts.Insert(0, text.Slice(next + separator.Length, end - next - separator.Length));
            end = next;
        }

        parts.Insert(0, text.Slice(0, end));
        context.Spend(parts.Count + (text.Value.Length / 64));
        return parts;
    }

    /// <summary>The lines of the text, without what ends them unless it is kept.</summary>
    public static List<TemplateText> SplitLines(RenderContext context, TemplateText text, bool keepEnds)
    {
        var lines = new List<TemplateText>();
        for (var at = 0; at < text.Value.Length;)
        {
            var length = text.Value.AsSpan(at).IndexOfAny(Spaces.LineEnds);
            var end = length < 0 ? text.Value.Length : at + length;
            var next = end == text.Value.Length ? end : text.Value.AsSpan(end).StartsWith("\r\n") ? end + 2 : end + 1;
            lines.Add(text.Slice(at, (keepEnds ? next : end) - at));
            at = next;
        }

        context.Spend(lines.Count + (text.Value.Length / 64));
        return lines;
    }

    /// <summary>The text with spaces before its lines: those behind the first, which are not blank, unless told otherwise.</summary>
    public static TemplateText Indent(RenderContext context, TemplateText text, string indent, bool first, bool blank)
    {
        var lines = SplitLines(context, text.Concat(TemplateText.OfTemplate("\n")), keepEnds: false);
        var indented = new TemplateTextBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            context.SpendText(indent.Length + lines[i].Value.Length);
            indented.Append(i > 0 ? "\n" : "");
            indented.Append((i > 0 ? blank || lines[i].Value.Length > 0 : first) ? indent : "");
            indented.Append(lines[i]);
            RenderContext.CheckLength(indented.Length);
        }

        return indented.ToText();
    }

    /// <summary>The text with <c>&amp; &lt; &gt; ' "</c> as HTML has them.</summary>
    public static TemplateText Escape(TemplateText text) => text.Map(part => part
        .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal));

    /// <summary>Index of a text in another from a place on; below zero where it is not.</summary>
    public static int Find(string text, string wanted, int from) => text.IndexOf(wanted, from, StringComparison.Ordinal);

    private static List<TemplateText> SplitWords(RenderContext context, TemplateText text, int limit)
    {
        var words = new List<TemplateText>();
        for (var at = Skip(text.Value, 0, spaces: true); at < text.Value.Length; limit--)
        {
            if (limit == 0)
            {
                // As in Python, the last part keeps the spaces at its end.
                words.Add(text.Slice(at));
                break;
            }

            var end = Skip(text.Value, at, spaces: false);
            words.Add(text.Slice(at, end - at));
            at = Skip(text.Value, end, spaces: true);
        }

        context.Spend(words.Count + (text.Value.Length / 64));
        return words;
    }

    private static TextSpan LastWord(string text, int end)
    {
        while (end > 0 && Spaces.Contains(text[end - 1]))
        {
            end--;
        }

        var start = end;
        while (start > 0 && !Spaces.Contains(text[start - 1]))
        {
            start--;
        }

        return new TextSpan(start, end - start);
    }

    private static int Skip(string text, int at, bool spaces)
    {
        while (at < text.Length && Spaces.Contains(text[at]) == spaces)
        {
            at++;
        }

        return at;
    }

    private static void RequireSeparator(string separator)
    {
        if (separator.Length == 0)
        {
            throw new JinjaException("a text cannot be split at an empty separator");
        }
    }
}
