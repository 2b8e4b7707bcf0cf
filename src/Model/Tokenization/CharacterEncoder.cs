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
/// <param name="byteIds">The 256 ids of the byte tokens; empty where the vocabulary has none.</param>
/// <param name="unknownId">The token for what has no other; without one it is left out.</param>
internal sealed class CharacterEncoder(
    IReadOnlyDictionary<int, int> characters, PairMerges merges, ImmutableArray<int> byteIds, int? unknownId)
{
    /// <summary>Whether several unknown characters in a row become one token.</summary>
    public bool FusesUnknown { get; init; } = true;

    /// <summary>Symbols of longer pieces that a text is cut at before anything merges; they merge with nothing.</summary>
    public FixedPieces Fixed { get; init; } = FixedPieces.None;

    /// <summary>Adds the ids of a text whose spaces are already written as the vocabulary writes them.</summary>
    public void Encode(ReadOnlySpan<char> text, ImmutableArray<int>.Builder tokens)
    {
        var symbols = ArrayPool<int>.Shared.Rent(text.Length);
        try
        {
            var count = SymbolsOf(text, symbols);
            count = merges.Apply(symbols.AsSpan(0, count));
            AddTokens(symbols.AsSpan(0, count), tokens);
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
            if (!Fixed.TryMatch(text, out var symbol, out var length))
            {
                Rune.DecodeFromUtf16(text, out var rune, out length);
                symbol = characters.TryGetValue(rune.Value, out var id) ? id : ~rune.Value;
            }

            symbols[count++] = symbol;
            text = text[length..];
        }

        return count;
    }

    private void AddTokens(ReadOnlySpan<int> symbols, ImmutableArray<int>.Builder tokens)
    {
        var wasUnknown = false;
        foreach (var symbol in symbols)
        {
            var isUnknown = symbol < 0 && byteIds.IsEmpty;
            if (symbol >= 0)
            {
                tokens.Add(symbol);
            }
            else if (!isUnknown)
            {
                AddBytes(tokens, new Rune(~symbol));
            }
            else if (unknownId is { } unknown && !(wasUnknown && FusesUnknown))
            {
                tokens.Add(unknown);
            }

            wasUnknown = isUnknown;
        }
    }

    private void AddBytes(ImmutableArray<int>.Builder tokens, Rune character)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..character.EncodeToUtf8(bytes)])
        {
            tokens.Add(byteIds[value]);
        }
    }
}
