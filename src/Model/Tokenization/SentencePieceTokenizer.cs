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
    private readonly Dictionary<string, AddedToken> added;
    private readonly List<AddedToken> beside = [];
    private readonly Dictionary<string, int> userDefined = new(StringComparer.Ordinal);
    private readonly TextEncoder encoder;
    private readonly TokenBytes bytes;

    /// <summary>Makes the tokenizer of a parsed model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">The model in SentencePiece's own form, which <see cref="Save"/> writes.</param>
    /// <param name="settings">What the files beside it say.</param>
    /// <param name="source">How messages name the model's file.</param>
    /// <exception cref="ModelFormatException">The vocabulary is not one that can encode every text.</exception>
    public SentencePieceTokenizer(SentencePieceModel model, byte[] file, TokenizerSettings settings, string source)
    {
        (this.model, this.file, this.settings) = (model, file, settings);
        added = ControlsOf(model);
        AddFromBeside(source);
        foreach (var (id, piece) in model.Pieces.Index().Where(piece => piece.Item.Kind == PieceKind.UserDefined))
        {
            userDefined[piece.Text] = id;
        }

        VocabularySize = Math.Max(model.Pieces.Length, 1 + added.Values.Select(token => token.Id).DefaultIfEmpty(-1).Max());
        var (normalizer, split) = SpacesOf(model, settings);
        var pieces = SentencePieceEncoding.Of(model, added.Keys.ToHashSet(StringComparer.Ordinal), source);
        encoder = new TextEncoder(new TextSections([.. added.Values], normalizer), split, (word, ids) => pieces.Encode(word, ids));
        bytes = new TokenBytes(BytesOfAll(source), model.AddDummyPrefix && settings.AddsSpace != false);
        BosId = settings.HasNoStart ? null : NamedBy(settings.Start) ?? PieceOrNull(model.BosId);
        EosId = NamedBy(settings.End) ?? PieceOrNull(model.EosId)
            ?? throw new ModelFormatException($"{source} has no piece that ends a text; train it with an eos_id.");
        StartIds = (settings.AddsStart ?? settings.IsLlamas) && BosId is { } start ? [start] : [];
    }

    /// <summary>The model that it encodes by.</summary>
    public SentencePieceModel Model => model;

    /// <summary>The model's pieces and behind them the tokens that the files beside it add; unused where an id has none.</summary>
    public ImmutableArray<Piece> Pieces
    {
        get
        {
            var pieces = model.Pieces.Concat(Enumerable.Range(model.Pieces.Length, VocabularySize - model.Pieces.Length)
                .Select(id => new Piece($"[PAD{id}]", 0, PieceKind.Unused))).ToArray();
            foreach (var token in beside)
            {
                pieces[token.Id] = new Piece(
                    token.Text, pieces[token.Id].Score, token.IsSpecial ? PieceKind.Control : PieceKind.UserDefined);
            }

            return [.. pieces];
        }
    }

    /// <summary>Whether the files beside the model say that a token is found before any text is cut into pieces.</summary>
    public bool IsAddedBeside(int id) => beside.Exists(token => token.Id == id);

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int? BosId { get; }

    /// <inheritdoc/>
    public int EosId { get; }

    /// <inheritdoc/>
    public ImmutableArray<int> StartIds { get; }

    /// <inheritdoc/>
    public ImmutableArray<int> Encode(string text) => encoder.Encode(text);

    /// <inheritdoc/>
    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => encoder.EncodeMarked(text, literal);

    /// <inheritdoc/>
    public int? FindSpecial(string piece) =>
        added.TryGetValue(piece, out var token) ? token.Id : PieceOrNull(userDefined.GetValueOrDefault(piece, -1));

    /// <inheritdoc/>
    public string? NameOfSpecial(int id) => added.Values.FirstOrDefault(token => token.Id == id)?.Text
        ?? userDefined.Where(piece => piece.Value == id).Select(piece => piece.Key).FirstOrDefault();

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
        string? NameOf(int? id) => id is { } known ? NameOfSpecial(known) : null;
        var unknown = model.Pieces.FirstOrDefault(piece => piece.Kind == PieceKind.Unknown).Text ?? "<unk>";
        settings.OrLlamas(NameOf(BosId), NameOf(EosId) ?? "</s>", unknown).Save(folder);
    }

    // Control pieces are special. User-defined ones are text that the model itself finds, unless the files beside it say more of them.
    private static Dictionary<string, AddedToken> ControlsOf(SentencePieceModel model)
    {
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var (id, piece) in model.Pieces.Index().Where(piece => piece.Item.Kind is PieceKind.Control or PieceKind.Unknown && piece.Item.Text.Length > 0))
        {
            added.TryAdd(piece.Text, new AddedToken(piece.Text, id, IsSpecial: true));
        }

        return added;
    }

    private void AddFromBeside(string source)
    {
        foreach (var token in settings.Added.Where(token => token.Text.Length > 0))
        {
            if (token.Id < 0 || token.Id > model.Pieces.Length + MostAddedIds)
            {
                throw new ModelFormatException(
                    $"The token '{token.Text}' is added to {source} with the id {token.Id}, far outside of its {model.Pieces.Length} "
                        + "pieces; take the tokenizer's files as the model's publisher wrote them.");
            }

            // Nothing is normalized here but spaces.
            var plain = token with { IsNormalized = false };
            if (added.TryAdd(token.Text, plain))
            {
                beside.Add(plain);
            }
        }

        foreach (var (id, piece) in model.Pieces.Index().Where(piece => settings.Special.Contains(piece.Item.Text)))
        {
            var named = new AddedToken(piece.Text, id, IsSpecial: true);
            if (added.TryAdd(piece.Text, named))
            {
                beside.Add(named);
            }
        }
    }

    // A space goes before every section of a text, or before the text alone where the files beside it say "legacy": false.
    private static (TextNormalizer Normalizer, TextSplit Split) SpacesOf(SentencePieceModel model, TokenizerSettings settings)
    {
        var prepends = model.AddDummyPrefix && settings.AddsSpace != false;
        var isFirstOnly = settings.IsLegacy == false && model.EscapeWhitespaces;
        return (TextNormalizer.OfSpaces(model.RemoveExtraWhitespaces, prepends && !isFirstOnly, model.EscapeWhitespaces && !isFirstOnly),
            isFirstOnly ? TextSplit.OfSpaces(prepends) : TextSplit.Parse(null, ""));
    }

    private int? PieceOrNull(int id) => id >= 0 && id < model.Pieces.Length ? id : null;

    private int? NamedBy(string? name) => name is null ? null
        : added.TryGetValue(name, out var token) ? token.Id
        : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id >= 0 && id < VocabularySize ? id
        : null;

    private byte[][] BytesOfAll(string source)
    {
        var all = new byte[VocabularySize][];
        Array.Fill(all, []);
        foreach (var (id, piece) in model.Pieces.Index())
        {
            all[id] = BytesOf(piece, source);
        }

        foreach (var token in beside)
        {
            all[token.Id] = token.IsSpecial
                ? []
                : Encoding.UTF8.GetBytes(model.EscapeWhitespaces ? token.Text.Replace(SentencePieceModel.Space, ' ') : token.Text);
        }

        return all;
    }

    private byte[] BytesOf(Piece piece, string source) => piece.Kind switch
    {
        PieceKind.Byte => [SentencePieceEncoding.ByteOf(piece, source)],
        PieceKind.Unknown => Encoding.UTF8.GetBytes(" \u2047 "), // SentencePiece's own sign for it
        PieceKind.Control => [],
        _ => Encoding.UTF8.GetBytes(model.EscapeWhitespaces ? piece.Text.Replace(SentencePieceModel.Space, ' ') : piece.Text),
    };
}
