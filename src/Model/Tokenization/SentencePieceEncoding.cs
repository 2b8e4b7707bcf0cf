using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// Works out from the pieces of a SentencePiece model how it encodes: any two neighbours whose texts together are a piece merge.
/// </summary>
internal static class SentencePieceEncoding
{
    /// <summary>The encoder of a model. Of several pieces with one text the last is read from texts, and empty ones never are.</summary>
    /// <param name="model">The model.</param>
    /// <param name="found">Texts of user-defined pieces that are found before the text comes here.</param>
    /// <param name="source">How messages name the model.</param>
    /// <exception cref="ModelFormatException">Byte tokens are missing.</exception>
    public static CharacterEncoder Of(SentencePieceModel model, IReadOnlySet<string> found, string source)
    {
        var normal = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, piece) in model.Pieces.Index().Where(p => p.Item.Kind == PieceKind.Normal && p.Item.Text.Length > 0))
        {
            normal[piece.Text] = id;
        }

        var characters = normal.Where(p => IsCharacter(p.Key)).ToDictionary(p => Rune.GetRuneAt(p.Key, 0).Value, p => p.Value);
        var unknown = model.Pieces.Index().Where(p => p.Item.Kind == PieceKind.Unknown).Select(p => (int?)p.Index).FirstOrDefault();
        var fixedPieces = model.Pieces.Index().Where(p => p.Item.Kind == PieceKind.UserDefined && !found.Contains(p.Item.Text));
        return new CharacterEncoder(characters, MergesOf(model, normal), ByteIdsOf(model, source), unknown)
        {
            WordsMergeAlone = CharacterEncoder.DoWordsMergeAlone([.. model.Pieces.Where(p => p.Kind is PieceKind.Normal or PieceKind.UserDefined && p.Text.Length > 0).Select(p => p.Text)]),
            Fixed = new PieceTrie(fixedPieces.Select(p => (p.Item.Text, p.Index))),
        };
    }

    /// <summary>The name of a byte piece, such as <c>&lt;0x0A&gt;</c>.</summary>
    public static string NameOf(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte that a piece stands for by its name; null where it is no byte piece.</summary>
    public static byte? ByteOf(string piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[^1] == '>'
        && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>The byte of a piece that is marked as a byte.</summary>
    /// <exception cref="ModelFormatException">Its name does not tell.</exception>
    public static byte ByteOf(Piece piece, string source) => ByteOf(piece.Text)
        ?? throw new ModelFormatException($"{source} has the byte piece '{piece.Text}', which should read like <0x0A>; fetch the file "
            + "anew from where the model is published.");

    /// <summary>Whether a piece is a single character.</summary>
    public static bool IsCharacter(string text) =>
        text.Length == 1 ? !char.IsSurrogate(text[0]) : text.Length == 2 && char.IsSurrogatePair(text, 0);

    /// <summary>
    /// Where a piece may be made of two others, by their lengths alone. A long piece has few such places, however long it is.
    /// </summary>
    /// <param name="text">The piece.</param>
    /// <param name="lengths">Lengths of all pieces and of single characters, in order.</param>
    internal static IEnumerable<int> CutsOf(string text, SortedSet<int> lengths) =>
        lengths.TakeWhile(length => length < text.Length)
            .Where(length => lengths.Contains(text.Length - length) && !char.IsLowSurrogate(text[length]));

    private static PairMerges MergesOf(SentencePieceModel model, Dictionary<string, int> normal)
    {
        var merges = new PairMerges();
        var ids = normal.GetAlternateLookup<ReadOnlySpan<char>>();
        var lengths = new SortedSet<int>(normal.Keys.Select(text => text.Length)) { 1, 2 };
        foreach (var (text, id) in normal)
        {
            var order = PairMerges.OrderOfScore(model.Pieces[id].Score);
            foreach (var cut in CutsOf(text, lengths))
            {
                if (SymbolOf(ids, text.AsSpan(0, cut)) is { } left && SymbolOf(ids, text.AsSpan(cut)) is { } right)
                {
                    merges.Add(left, right, id, order);
                }
            }
        }

        return merges;
    }

    private static int? SymbolOf(Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids, ReadOnlySpan<char> text)
    {
        if (ids.TryGetValue(text, out var id))
        {
            return id;
        }

        Rune.DecodeFromUtf16(text, out var rune, out var length);
        return length == text.Length ? ~rune.Value : null;
    }

    private static ImmutableArray<int> ByteIdsOf(SentencePieceModel model, string source)
    {
        if (!model.ByteFallback)
        {
            return [];
        }

        var ids = new int[256];
        var found = 0;
        foreach (var (id, piece) in model.Pieces.Index().Where(p => p.Item.Kind == PieceKind.Byte))
        {
            ids[ByteOf(piece, source)] = id;
            found++;
        }

        return found == 256
            ? [.. ids]
            : throw new ModelFormatException($"{source} has {found} byte pieces, but byte fallback needs 256; fetch the file anew from "
                + "where the model is published.");
    }
}
