using System.Collections.Immutable;

namespace Orca.Model.Tokenization;

/// <summary>The tokenizer of a <c>tokenizer.json</c> of byte-pair encoding; see <see cref="HuggingFaceTokenizerFile"/>.</summary>
internal sealed class HuggingFaceTokenizer : ITokenizer
{
    /// <summary>From text to ids.</summary>
    public required TextEncoder Encoder { get; init; }

    /// <summary>Ids of the added tokens, by text.</summary>
    public required IReadOnlyDictionary<string, int> Added { get; init; }

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
    public required ImmutableArray<int> StartIds { get; init; }

    /// <inheritdoc/>
    public ImmutableArray<int> Encode(string text) => Encoder.Encode(text);

    /// <inheritdoc/>
    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => Encoder.EncodeMarked(text, literal);

    /// <inheritdoc/>
    public int? FindSpecial(string piece) => Added.TryGetValue(piece, out var id) ? id : null;

    /// <inheritdoc/>
    public string? NameOfSpecial(int id) => Added.Where(added => added.Value == id).Select(added => added.Key).FirstOrDefault();

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => Bytes.Decode(ids);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int id) => Bytes.Of(id);

    /// <inheritdoc/>
    public StreamingDecoder StartDecoding() => new(Bytes);

    /// <inheritdoc/>
    public void Save(string folder) => SaveFiles(folder);
}
