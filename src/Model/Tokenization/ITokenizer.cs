using System.Collections.Immutable;

namespace Orca.Model.Tokenization;

/// <summary>
/// Text to token ids and back. Immutable and safe to use from several threads.
/// Special tokens (start, end, markers of a prompt template) never come out of text: they are inserted as ids.
/// </summary>
public interface ITokenizer
{
    /// <summary>Number of token ids, special ones included: every id is below it.</summary>
    int VocabularySize { get; }

    /// <summary>The token that begins a document, where the vocabulary has one.</summary>
    int? BosId { get; }

    /// <summary>The token that ends a document.</summary>
    int EosId { get; }

    /// <summary>
    /// Ids of plain text, in full: no start token, and no special token whatever the text holds. Tokens that were added to the
    /// vocabulary as text (runs of spaces, <c>&lt;think&gt;</c>) are found in it.
    /// An empty text gives no id. Lone surrogates become U+FFFD.
    /// </summary>
    ImmutableArray<int> Encode(string text);

    /// <summary>
    /// Ids of a text laid out by a chat template, in full: special tokens are recognised too, except where an occurrence touches
    /// a stretch of <paramref name="literal"/>, which came from a message. No start token is added.
    /// </summary>
    /// <param name="text">The whole text.</param>
    /// <param name="literal">Stretches of it that are text whatever they hold, in order and without overlap.</param>
    ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal);

    /// <summary>What the tokenizer's own rules put before a plain text: most often the start token; empty where they add none.</summary>
    ImmutableArray<int> StartIds { get; }

    /// <summary>
    /// The id of a special token by its exact name, such as <c>&lt;|im_end|&gt;</c>, or of another that was added to the
    /// vocabulary; null where it has none.
    /// </summary>
    int? FindSpecial(string piece);

    /// <summary>The exact name of a token that <see cref="FindSpecial"/> finds; null for an id that is none.</summary>
    string? NameOfSpecial(int id);

    /// <summary>
    /// The text of these ids, as if it began there: the space that <see cref="Encode"/> puts before a text is dropped.
    /// Special tokens, and ids that have no piece, give no text; bytes that are not UTF-8 give U+FFFD.
    /// </summary>
    string Decode(IEnumerable<int> ids);

    /// <summary>The bytes a token stands for, not always whole characters; empty for special tokens and ids that have no piece.</summary>
    ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>Begins to decode a text token by token. All that it gives together equals <see cref="Decode"/> of the same ids.</summary>
    StreamingDecoder StartDecoding();

    /// <summary>
    /// Begins to decode what follows <paramref name="before"/> in the same text: a space at its start stays,
    /// and a character of which <paramref name="before"/> holds only the first bytes comes out whole.
    /// </summary>
    StreamingDecoder StartDecoding(ReadOnlySpan<int> before)
    {
        var decoder = StartDecoding();
        foreach (var id in before)
        {
            decoder.Push(id);
        }

        return decoder;
    }

    /// <summary>
    /// Writes the tokenizer's own files into an existing folder, so that <see cref="TokenizerFolder.Open"/> gives it again.
    /// </summary>
    void Save(string folder);
}
