namespace Orca.Streams.Teachers;

/// <summary>Takes apart what a model wrote before its answer, between tags in the same text, and the answer.</summary>
internal static class ReasoningTags
{
    private static readonly string[] Names = ["think", "thinking", "reasoning", "thought"];

    /// <summary>
    /// The reasoning and the answer, each without the white space around the tags; the text itself where it has no such tags.
    /// </summary>
    /// <remarks>
    /// Tags count at the beginning alone: an answer may speak of them. The opening one may be missing, where the model's template wrote it;
    /// without the closing one the answer was cut before it began, and is empty.
    /// </remarks>
    public static (string Reasoning, string Answer) Split(string text)
    {
        var start = text.AsSpan().TrimStart();
        foreach (var name in Names)
        {
            var (opening, closing) = ($"<{name}>", $"</{name}>");
            var isOpened = start.StartsWith(opening, StringComparison.OrdinalIgnoreCase);
            var inside = isOpened ? start[opening.Length..] : start;
            var end = inside.IndexOf(closing, StringComparison.OrdinalIgnoreCase);
            if (end >= 0 && (isOpened || !inside[..end].Contains(opening, StringComparison.OrdinalIgnoreCase)))
            {
                return (inside[..end].Trim().ToString(), inside[(end + closing.Length)..].TrimStart().ToString());
            }

            if (isOpened)
            {
                return (inside.Trim().ToString(), "");
            }
        }

        return ("", text);
    }
}
