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

    private const int MostAddedIds = 1_000_000;

    private readonly SentencePieceModel model;
    private readonly byte[] file;
    private readonly TokenizerSettings settings;
    private readonly Dictionary<string, int> specials;
    private readonly CharacterEncoder encoder;
    private readonly TokenBytes bytes;

    /// <summary>Makes the tokenizer of a parsed model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">The model in SentencePiece's own form, which <see cref="Save"/> writes.</param>
    /// <param name="settings">What the files beside it say. Every token they add is special: it never comes from text.</param>
    /// <param name="source">How messages name the model's file.</param>
    /// <exception cref="ModelFormatException">The vocabulary is not one that can encode every text.</exception>
    public SentencePieceTokenizer(SentencePieceModel model, byte[] file, TokenizerSettings settings, string source)
    {
        (this.model, this.file, this.settings) = (model, file, settings);
        specials = SpecialsOf(model, settings, source);
        VocabularySize = Math.Max(model.Pieces.Length, 1 + specials.Values.DefaultIfEmpty(-1).Max());
        encoder = SentencePieceEncoding.Of(model, source);
        bytes = new TokenBytes(BytesOfAll(source), model.AddDummyPrefix);
        BosId = NamedBy(settings.Start) ?? PieceOrNull(model.BosId);
        EosId = NamedBy(settings.End) ?? PieceOrNull(model.EosId)
            ?? throw new ModelFormatException($"{source} has no piece that ends a text; train it with an eos_id.");
    }

    /// <summary>The model that it encodes by.</summary>
    public SentencePieceModel Model => model;

    /// <inheritdoc/>
    public int VocabularySize { get; }

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
        var ids = ImmutableArray.CreateBuilder<int>(normal.Length / 2);
        encoder.Encode(model.EscapeWhitespaces ? normal.Replace(' ', SentencePieceModel.Space) : normal, ids);
        return ids.DrainToImmutable();
    }

    /// <inheritdoc/>
    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => MarkedText.Encode(this, specials, text, literal);

    /// <inheritdoc/>
    public ImmutableArray<int> StartIds => BosId is { } start ? [start] : [];

    /// <inheritdoc/>
    public int? FindSpecial(string piece) => specials.TryGetValue(piece, out var id) ? id : null;

    /// <inheritdoc/>
    public string? NameOfSpecial(int id) => specials.Where(special => special.Value == id).Select(special => special.Key).FirstOrDefault();

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => bytes.Decode(ids);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int id) => bytes.Of(id);

    /// <inheritdoc/>
    public StreamingDecoder StartDecoding() => new(bytes);

    /// <inheritdoc/>
    public void Save(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, FileName), file);
        string? NameOf(int? id) => specials.Where(special => special.Value == id).Select(special => special.Key).FirstOrDefault();
        var unknown = model.Pieces.FirstOrDefault(piece => piece.Kind == PieceKind.Unknown).Text ?? "<unk>";
        settings.OrLlamas(NameOf(BosId), NameOf(EosId) ?? "</s>", unknown).Save(folder);
    }

    private static Dictionary<string, int> SpecialsOf(SentencePieceModel model, TokenizerSettings settings, string source)
    {
        var specials = new Dictionary<string, int>(StringComparer.Ordinal);
        var own = model.Pieces.Index().Where(piece => IsSpecial(piece.Item)).Select(piece => (piece.Item.Text, piece.Index));
        foreach (var (text, id) in own.Concat(settings.Added.Select(token => (token.Text, token.Id))))
        {
            if (id < 0 || id > model.Pieces.Length + MostAddedIds)
            {
                throw new ModelFormatException($"The token '{text}' is added to {source} with the id {id}, far outside of its {model.Pieces.Length} pieces; copy the tokenizer's files again.");
            }

            specials.TryAdd(text, id);
        }

        return specials;
    }

    private static bool IsSpecial(Piece piece) =>
        piece.Kind is PieceKind.Control or PieceKind.Unknown || (piece.Kind == PieceKind.UserDefined && FixedPieces.IsMarker(piece.Text));

    private int? PieceOrNull(int id) => id >= 0 && id < model.Pieces.Length ? id : null;

    private int? NamedBy(string? name) => name is null ? null
        : specials.TryGetValue(name, out var id) ? id
        : int.TryParse(name, CultureInfo.InvariantCulture, out id) && id >= 0 && id < VocabularySize ? id
        : null;

    private byte[][] BytesOfAll(string source)
    {
        var all = new byte[VocabularySize][];
        Array.Fill(all, []);
        foreach (var (id, piece) in model.Pieces.Index())
        {
            all[id] = BytesOf(piece, source);
        }

        foreach (var token in settings.Added)
        {
            all[token.Id] = [];
        }

        return all;
    }

    private byte[] BytesOf(Piece piece, string source) => piece.Kind switch
    {
        PieceKind.Byte => [SentencePieceEncoding.ByteOf(piece, source)],
        PieceKind.Unknown => Encoding.UTF8.GetBytes(" \u2047 "), // SentencePiece's own sign for it
        _ when IsSpecial(piece) => [],
        _ => Encoding.UTF8.GetBytes(model.EscapeWhitespaces ? piece.Text.Replace(SentencePieceModel.Space, ' ') : piece.Text),
    };
}
