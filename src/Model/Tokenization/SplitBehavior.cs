namespace Orca.Model.Tokenization;

/// <summary>What becomes of the matches that a text is split at; the names are those of <c>tokenizer.json</c>.</summary>
internal enum SplitBehavior
{
    /// <summary>They fall away.</summary>
    Removed,

    /// <summary>Each is a part of its own.</summary>
    Isolated,

    /// <summary>Each ends the part before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the part behind it.</summary>
    MergedWithNext,

    /// <summary>Those that touch are one part.</summary>
    Contiguous,
}

/// <summary>Cuts texts at matches.</summary>
internal static class SplitBehaviors
{
    /// <summary>The parts of a piece, none of them empty.</summary>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="matches">Places of the matches in it, in order.</param>
    /// <param name="inverts">Whether what matches and what does not change roles.</param>
    public static IEnumerable<TextPiece> Cut(this SplitBehavior behavior, TextPiece piece, List<TextSpan> matches, bool inverts)
    {
        var parts = Parts(piece.Text.Length, matches, inverts);
        var kept = behavior switch
        {
            SplitBehavior.Removed => parts.Where(part => !part.IsMatch).Select(part => part.Span),
            SplitBehavior.Contiguous => Contiguous(parts),
            SplitBehavior.MergedWithPrevious => WithPrevious(parts),
            SplitBehavior.MergedWithNext => WithNext(parts),
            _ => parts.Select(part => part.Span),
        };
        return kept.Where(span => span.Length > 0).Select(span => span.Length == piece.Text.Length
            ? piece
            : new TextPiece(piece.Text.Substring(span.Start, span.Length), piece.IsFirst && span.Start == 0));
    }

    private static List<(TextSpan Span, bool IsMatch)> Parts(int length, List<TextSpan> matches, bool inverts)
    {
        var parts = new List<(TextSpan, bool)>(2 * matches.Count + 1);
        var end = 0;
        foreach (var match in matches)
        {
            if (match.Start > end)
            {
                parts.Add((new TextSpan(end, match.Start - end), inverts));
            }

            parts.Add((match, !inverts));
            end = match.End;
        }

        if (end < length)
        {
            parts.Add((new TextSpan(end, length - end), inverts));
        }

        return parts;
    }

    private static List<TextSpan> Contiguous(List<(TextSpan Span, bool IsMatch)> parts)
    {
        var kept = new List<TextSpan>(parts.Count);
        bool? last = null;
        foreach (var (span, isMatch) in parts)
        {
            Add(kept, span, joins: isMatch == last);
            last = isMatch;
        }

        return kept;
    }

    private static List<TextSpan> WithPrevious(IEnumerable<(TextSpan Span, bool IsMatch)> parts)
    {
        var kept = new List<TextSpan>();
        var wasMatch = false;
        foreach (var (span, isMatch) in parts)
        {
            Add(kept, span, joins: isMatch && !wasMatch);
            wasMatch = isMatch;
        }

        return kept;
    }

    private static List<TextSpan> WithNext(List<(TextSpan Span, bool IsMatch)> parts)
    {
        var kept = WithPrevious(parts.AsEnumerable().Reverse());
        kept.Reverse();
        return kept;
    }

    private static void Add(List<TextSpan> kept, TextSpan span, bool joins)
    {
        if (joins && kept.Count > 0)
        {
            var last = kept[^1];
            var start = Math.Min(last.Start, span.Start);
            kept[^1] = new TextSpan(start, Math.Max(last.End, span.End) - start);
        }
        else
        {
            kept.Add(span);
        }
    }
}
