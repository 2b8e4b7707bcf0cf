using System.Collections.Immutable;

namespace Orca.Model.Tokenization;

/// <summary>The tokenizer of a <c>tokenizer.json</c> of byte-pair encoding; see <see cref="HuggingFaceTokenizerFile"/>.</summary>
internal sealed class HuggingFaceTokenizer : ITokenizer
{
    /// <summary>The words of a text, without what was added to the vocabulary.</summary>
    public required Func<string, IEnumerable<string>> Words { get; init; }

    /// <summary>Adds the ids of a word.</summary>
    public required Action<string, ImmutableArray<int>.Builder> EncodeWord { get; init; }

    /// <summary>Added tokens that are text, such as runs of spaces.</summary>
    public required FixedPieces AddedText { get; init; }

    /// <summary>Added tokens that are signs, by name.</summary>
    public required IReadOnlyDictionary<string, int> Specials { get; init; }

    /// <summary>The bytes of every token.</summary>
    public required TokenBytes Bytes { get; init; }

    /// <summary>Writes the files that the tokenizer came from into a folder.</summary>
    public required Action<string> SaveFiles { get; init; }

    /// <inheritdoc/>
    public required int VocabularySize { get; init; }

    /// <inheritdoc/>
    public required int? BosId { get; init; }

    /// <inheritdoc/>
    public required int EosId { get; init; }

    /// <inheritdoc/>
    public ImmutableArray<int> Encode(string text)
    {
        var ids = ImmutableArray.CreateBuilder<int>(text.Length / 2);
        var start = 0;
        for (var i = 0; i < text.Length && !AddedText.IsEmpty;)
        {
            if (AddedText.TryMatch(text.AsSpan(i), out var id, out var length))
            {
                EncodeWords(text[start..i], ids);
                ids.Add(id);
                start = i + length;
            }

            i += Math.Max(length, 1);
        }

        EncodeWords(text[start..], ids);
        return ids.DrainToImmutable();
    }

    /// <inheritdoc/>
    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => MarkedText.Encode(this, Specials, text, literal);

    /// <inheritdoc/>
    public ImmutableArray<int> StartIds => BosId is { } start ? [start] : [];

    /// <inheritdoc/>
    public int? FindSpecial(string piece) => Specials.TryGetValue(piece, out var id) ? id : null;

    /// <inheritdoc/>
    public string? NameOfSpecial(int id) => Specials.Where(special => special.Value == id).Select(special => special.Key).FirstOrDefault();

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => Bytes.Decode(ids);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int id) => Bytes.Of(id);

    /// <inheritdoc/>
    public StreamingDecoder StartDecoding() => new(Bytes);

    /// <inheritdoc/>
    public void Save(string folder) => SaveFiles(folder);

    private void EncodeWords(string text, ImmutableArray<int>.Builder ids)
    {
        if (text.Length > 0)
        {
            foreach (var word in Words(text))
            {
                EncodeWord(word, ids);
            }
        }
    }
}
