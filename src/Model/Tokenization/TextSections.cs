using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// Cuts a text at its added tokens: those that are looked for in the text as it is go first, then the rest is normalized section
/// by section and cut at the others. The leftmost token goes first, and of several the longest.
/// </summary>
internal sealed class TextSections
{
    private readonly IReadOnlyList<AddedToken> tokens;
    private readonly PieceTrie plain;
    private readonly PieceTrie normalized;
    private readonly TextNormalizer normalizer;

    /// <summary>Makes the sections of a vocabulary.</summary>
    /// <param name="tokens">Its added tokens.</param>
    /// <param name="normalizer">How the text between them is normalized.</param>
    public TextSections(IReadOnlyList<AddedToken> tokens, TextNormalizer normalizer)
    {
        (this.tokens, this.normalizer) = (tokens, normalizer);
        plain = new PieceTrie(tokens.Index().Where(token => !token.Item.IsNormalized || normalizer.IsIdentity).Select(token => (token.Item.Text, token.Index)));
        normalized = new PieceTrie(tokens.Index().Where(token => token.Item.IsNormalized && !normalizer.IsIdentity).Select(token => (normalizer.Apply(token.Item.Text), token.Index)));
    }

    /// <summary>The sections of a text in order, tokens and normalized text in between; none is empty.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="findsSpecials">Whether special tokens are found too.</param>
    /// <param name="literal">Where they are not, in order and without overlap.</param>
    public IEnumerable<Section> Of(string text, bool findsSpecials, IReadOnlyList<TextSpan> literal)
    {
        foreach (var (span, token) in Cut(text, plain, span => findsSpecials && !Touches(literal, span)))
        {
            if (token is not null)
            {
                yield return new Section(token.Id, default);
                continue;
            }

            var piece = span.Length == text.Length ? text : text.Substring(span.Start, span.Length);
            foreach (var section in Normalized(piece, span, findsSpecials, literal))
            {
                yield return section;
            }
        }
    }

    private IEnumerable<Section> Normalized(string piece, TextSpan span, bool findsSpecials, IReadOnlyList<TextSpan> literal)
    {
        var text = normalizer.Apply(piece);
        var literalHere = normalized.IsEmpty || !findsSpecials ? [] : Mapped(piece, span, literal);
        foreach (var (part, token) in Cut(text, normalized, match => findsSpecials && !Touches(literalHere, match)))
        {
            yield return token is not null
                ? new Section(token.Id, default)
                : new Section(null, new TextPiece(
                    part.Length == text.Length ? text : text.Substring(part.Start, part.Length), span.Start == 0 && part.Start == 0));
        }
    }

    // Where stretches lie once the text before them is normalized.
    private List<TextSpan> Mapped(string piece, TextSpan span, IReadOnlyList<TextSpan> literal)
    {
        var mapped = new List<TextSpan>();
        foreach (var stretch in literal.Where(span.Touches))
        {
            var start = normalizer.Apply(piece[..Math.Max(stretch.Start - span.Start, 0)]).Length;
            var end = normalizer.Apply(piece[..Math.Min(stretch.End - span.Start, piece.Length)]).Length;
            mapped.Add(new TextSpan(start, end - start));
        }

        return mapped;
    }

    private IEnumerable<(TextSpan Span, AddedToken? Token)> Cut(string text, PieceTrie trie, Func<TextSpan, bool> admitsSpecial)
    {
        var start = 0; // behind the last token and what it took along
        for (var at = 0; !trie.IsEmpty && Find(text, at, trie, admitsSpecial) is var (match, token); at = match.End)
        {
            if (token.IsSingleWord && !StandsAlone(text, match))
            {
                continue;
            }

            var first = match.Start;
            while (token.StripsLeft && first > start && char.IsWhiteSpace(text[first - 1]))
            {
                first--;
            }

            if (first > start)
            {
                yield return (new TextSpan(start, first - start), null);
            }

            yield return (match, token);
            start = Math.Max(start, match.End);
            while (token.StripsRight && start < text.Length && char.IsWhiteSpace(text[start]))
            {
                start++;
            }
        }

        if (start < text.Length)
        {
            yield return (new TextSpan(start, text.Length - start), null);
        }
    }

    private (TextSpan Span, AddedToken Token)? Find(string text, int from, PieceTrie trie, Func<TextSpan, bool> admitsSpecial)
    {
        for (var at = from; at < text.Length; at++)
        {
            var skipped = text.AsSpan(at).IndexOfAny(trie.FirstUnits);
            if (skipped < 0)
            {
                return null;
            }

            at += skipped;
            if (LongestAt(text, at, trie, admitsSpecial) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private (TextSpan Span, AddedToken Token)? LongestAt(string text, int at, PieceTrie trie, Func<TextSpan, bool> admitsSpecial)
    {
        (TextSpan, AddedToken)? longest = null;
        var node = 0;
        for (var end = at; end < text.Length && trie.TryStep(ref node, text[end]); end++)
        {
            if (trie.ValueAt(node) is { } index && new TextSpan(at, end + 1 - at) is var span && (!tokens[index].IsSpecial || admitsSpecial(span)))
            {
                longest = (span, tokens[index]);
            }
        }

        return longest;
    }

    private static bool Touches(IReadOnlyList<TextSpan> stretches, TextSpan span)
    {
        var (low, high) = (0, stretches.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = stretches[middle].End <= span.Start ? (middle + 1, high) : (low, middle);
        }

        return low < stretches.Count && stretches[low].Touches(span);
    }

    private static bool StandsAlone(string text, TextSpan span)
    {
        Rune.DecodeLastFromUtf16(text.AsSpan(0, span.Start), out var before, out var lengthBefore);
        Rune.DecodeFromUtf16(text.AsSpan(span.End), out var behind, out var lengthBehind);
        return !(lengthBefore > 0 && IsOfWord(before)) && !(lengthBehind > 0 && IsOfWord(behind));
    }

    private static bool IsOfWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}

/// <summary>A part of a text: an added token, or normalized text that holds none.</summary>
/// <param name="TokenId">The token; null for text.</param>
/// <param name="Piece">The text.</param>
internal readonly record struct Section(int? TokenId, TextPiece Piece);
