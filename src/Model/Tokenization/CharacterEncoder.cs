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
/// <param name="unknownId">The token for what has no other; several in a row become one.</param>
internal sealed class CharacterEncoder(
    IReadOnlyDictionary<int, int> characters, PairMerges merges, ImmutableArray<int> byteIds, int? unknownId)
{
    /// <summary>Symbols of longer pieces that a text is cut at before anything merges; they merge with nothing.</summary>
    public FixedPieces Fixed { get; init; } = FixedPieces.None;

    /// <summary>Ids of a text whose spaces are already written as the vocabulary writes them.</summary>
    public ImmutableArray<int> Encode(ReadOnlySpan<char> text)
    {
        var symbols = ArrayPool<int>.Shared.Rent(text.Length);
        try
        {
            var count = SymbolsOf(text, symbols);
            count = merges.Apply(symbols.AsSpan(0, count));
            return TokensOf(symbols.AsSpan(0, count));
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

    private ImmutableArray<int> TokensOf(ReadOnlySpan<int> symbols)
    {
        var tokens = ImmutableArray.CreateBuilder<int>(symbols.Length);
        foreach (var symbol in symbols)
        {
            if (symbol >= 0)
            {
                tokens.Add(symbol);
            }
            else if (byteIds.Length > 0)
            {
                AddBytes(tokens, new Rune(~symbol));
            }
            else if (unknownId is { } unknown && (tokens.Count == 0 || tokens[^1] != unknown))
            {
                tokens.Add(unknown);
            }
        }

        return tokens.DrainToImmutable();
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
