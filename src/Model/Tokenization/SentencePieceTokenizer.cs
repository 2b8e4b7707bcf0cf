using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// The tokenizer of a SentencePiece byte-pair model. Of two merges with equal scores the leftmost goes first,
/// as SentencePiece has it.
/// </summary>
internal sealed class SentencePieceTokenizer : ITokenizer
{
    /// <summary>The file that holds the model.</summary>
    public const string FileName = "tokenizer.model";

    private const char Space = '\u2581';

    private readonly SentencePieceModel model;
    private readonly byte[] file;
    private readonly Dictionary<string, int> specials;
    private readonly CharacterEncoder encoder;
    private readonly TokenBytes bytes;

    /// <summary>Makes the tokenizer of a parsed model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">The file it was parsed from, which <see cref="Save"/> writes again.</param>
    /// <param name="source">How messages name the file.</param>
    /// <exception cref="ModelFormatException">The vocabulary is not one that can encode every text.</exception>
    public SentencePieceTokenizer(SentencePieceModel model, byte[] file, string source)
    {
        (this.model, this.file) = (model, file);
        BosId = IsPiece(model.BosId) ? model.BosId : null;
        EosId = IsPiece(model.EosId) ? model.EosId : throw new ModelFormatException($"{source} has no end-of-text piece; train it with an eos_id.");
        specials = Indexed().Where(p => IsSpecial(p.Piece)).ToDictionary(p => p.Piece.Text, p => p.Id, StringComparer.Ordinal);
        encoder = SentencePieceEncoding.Of(model, source);
        bytes = new TokenBytes([.. model.Pieces.Select(piece => BytesOf(piece, source))], model.AddDummyPrefix);
    }

    /// <inheritdoc/>
    public int VocabularySize => model.Pieces.Length;

    /// <inheritdoc/>
    public int? BosId { get; }

    /// <inheritdoc/>
    public int EosId { get; }

    /// <inheritdoc/>
    public ImmutableArray<int> Encode(string text)
    {
        var normal = model.RemoveExtraWhitespaces ? string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : text;
        if (normal.Length == 0)
        {
            return [];
        }

        normal = model.AddDummyPrefix ? " " + normal : normal;
        return encoder.Encode(model.EscapeWhitespaces ? normal.Replace(' ', Space) : normal);
    }

    /// <inheritdoc/>
    public int? FindSpecial(string piece) => specials.TryGetValue(piece, out var id) ? id : null;

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => bytes.Decode(ids);

    /// <inheritdoc/>
    public StreamingDecoder StartDecoding() => new(bytes);

    /// <inheritdoc/>
    public void Save(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), file);

    private IEnumerable<(int Id, Piece Piece)> Indexed() => model.Pieces.Index();

    private bool IsPiece(int id) => id >= 0 && id < model.Pieces.Length;

    private static bool IsSpecial(Piece piece) =>
        piece.Kind is PieceKind.Control or PieceKind.Unknown || (piece.Kind == PieceKind.UserDefined && FixedPieces.IsMarker(piece.Text));

    private byte[] BytesOf(Piece piece, string source) => piece.Kind switch
    {
        PieceKind.Byte => [SentencePieceEncoding.ByteOf(piece, source)],
        PieceKind.Unknown => Encoding.UTF8.GetBytes(" \u2047 "), // SentencePiece's own sign for it
        _ when IsSpecial(piece) => [],
        _ => Encoding.UTF8.GetBytes(model.EscapeWhitespaces ? piece.Text.Replace(Space, ' ') : piece.Text),
    };
}
