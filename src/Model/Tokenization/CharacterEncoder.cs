using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// Byte-pair encoding that begins with characters, as SentencePiece does it: characters become symbols, symbols merge,
/// and a character without a token falls back to its UTF-8 bytes, or to the unknown token.
/// </summary>
/// <param name="characters">Token id of every character (Unicode scalar value) that is a token.</param>
/// <param name="merges">The merges; a character that is no token stands in them as its complement.</param>
/// <param name="byteIds">The ids of the 256 bytes' tokens, below 0 for one that is not there; empty where the vocabulary has none.</param>
/// <param name="unknownId">The token for what has no other; without one it is left out.</param>
internal sealed class CharacterEncoder(
    IReadOnlyDictionary<int, int> characters, PairMerges merges, ImmutableArray<int> byteIds, int? unknownId)
{
    private readonly WordCache words = new();

    /// <summary>Whether words can be encoded one by one, see <see cref="DoWordsMergeAlone"/>.</summary>
    public required bool WordsMergeAlone { get; init; }

    /// <summary>Whether several unknown characters in a row become one token.</summary>
    public bool FusesUnknown { get; init; } = true;

    /// <summary>
    /// Ids of pieces that a text is cut at wherever they stand (SentencePiece's user-defined symbols); they merge with nothing.
    /// </summary>
    public PieceTrie Fixed { get; init; } = PieceTrie.None;

    /// <summary>Adds the ids of a text whose spaces are already written as the vocabulary writes them.</summary>
    public void Encode(ReadOnlySpan<char> text, ImmutableArray<int>.Builder tokens)
    {
        while (!text.IsEmpty)
        {
            var length = WordsMergeAlone ? LengthOfWord(text) : text.Length;
            tokens.AddRange(IdsOf(text[..length]));
            text = text[length..];
        }
    }

    /// <summary>
    /// Whether nothing merges across the beginning of a word, since no piece holds a space behind something else:
    /// then words encoded one by one give the same ids, and those of a word that was there before are known.
    /// </summary>
    public static bool DoWordsMergeAlone(IReadOnlyCollection<string> pieces) =>
        pieces.Contains(SentencePieceModel.Space.ToString()) && pieces.All(piece => LengthOfWord(piece) == piece.Length);

    // A word is a run of spaces and all up to the next space.
    private static int LengthOfWord(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAnyExcept(SentencePieceModel.Space);
        var length = start < 0 ? -1 : text[start..].IndexOf(SentencePieceModel.Space);
        return length < 0 ? text.Length : start + length;
    }

    private ReadOnlySpan<int> IdsOf(ReadOnlySpan<char> word)
    {
        if (words.TryGet(word, out var known))
        {
            return known;
        }

        var symbols = ArrayPool<int>.Shared.Rent(word.Length);
        try
        {
            var count = merges.Apply(symbols.AsSpan(0, SymbolsOf(word, symbols)));
            var ids = TokensOf(symbols.AsSpan(0, count));
            words.Add(word, ids);
            return ids;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(symbols);
        }
    }

    private int SymbolsOf(ReadOnlySpan<char> text, Span<int> symbols)
    {
        var count = 0;
        while (!text.IsEmpty)
        {
            if (Fixed.IsEmpty || !Fixed.TryMatch(text, out var symbol, out var length))
            {
                Rune.DecodeFromUtf16(text, out var rune, out length);
                symbol = characters.TryGetValue(rune.Value, out var id) ? id : ~rune.Value;
            }

            symbols[count++] = symbol;
            text = text[length..];
        }

        return count;
    }

    private int[] TokensOf(ReadOnlySpan<int> symbols)
    {
        if (!symbols.ContainsAnyInRange(int.MinValue, -1))
        {
            return symbols.ToArray();
        }

        var tokens = new List<int>(symbols.Length);
        var wasUnknown = false;
        foreach (var symbol in symbols)
        {
            var isUnknown = symbol < 0 && !TryAddBytes(tokens, new Rune(~symbol));
            if (symbol >= 0)
            {
                tokens.Add(symbol);
            }
            else if (isUnknown && unknownId is { } unknown && !(wasUnknown && FusesUnknown))
            {
                tokens.Add(unknown);
            }

            wasUnknown = isUnknown;
        }

        return [.. tokens];
    }

    // Bytes stand for a character only where every one of them has a token.
    private bool TryAddBytes(List<int> tokens, Rune character)
    {
        if (byteIds.IsEmpty)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..character.EncodeToUtf8(bytes)];
        foreach (var value in bytes)
        {
            if (byteIds[value] < 0)
            {
                return false;
            }
        }

        foreach (var value in bytes)
        {
            tokens.Add(byteIds[value]);
        }

        return true;
    }
}
