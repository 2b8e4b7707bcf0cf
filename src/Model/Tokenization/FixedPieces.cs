namespace Orca.Model.Tokenization;

/// <summary>
/// Pieces that a text is cut at wherever they stand (SentencePiece's user-defined symbols, such as a line break);
/// the longest that matches wins. Markers in angle or square brackets are left out: those are inserted as ids.
/// </summary>
internal sealed class FixedPieces
{
    private readonly Dictionary<char, List<(string Text, int Id)>> byFirst = [];

    /// <summary>No such pieces.</summary>
    public static FixedPieces None { get; } = new([]);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => byFirst.Count == 0;

    public FixedPieces(IEnumerable<(string Text, int Id)> pieces)
    {
        foreach (var piece in pieces.Where(piece => piece.Text.Length > 0 && !IsMarker(piece.Text)).OrderByDescending(piece => piece.Text.Length))
        {
            if (!byFirst.TryGetValue(piece.Text[0], out var list))
            {
                byFirst[piece.Text[0]] = list = [];
            }

            list.Add(piece);
        }
    }

    /// <summary>Whether a piece is written as the marker of a template: <c>&lt;…&gt;</c> or <c>[…]</c>.</summary>
    public static bool IsMarker(string piece) => piece.Length > 2 && (piece[0], piece[^1]) is ('<', '>') or ('[', ']');

    /// <summary>Finds the longest piece at the beginning of a text.</summary>
    public bool TryMatch(ReadOnlySpan<char> text, out int id, out int length)
    {
        (id, length) = (0, 0);
        if (IsEmpty || !byFirst.TryGetValue(text[0], out var list))
        {
            return false;
        }

        foreach (var (piece, pieceId) in list)
        {
            if (text.StartsWith(piece, StringComparison.Ordinal))
            {
                (id, length) = (pieceId, piece.Length);
                return true;
            }
        }

        return false;
    }
}
