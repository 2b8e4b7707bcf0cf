using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Model.Tokenization;

/// <summary>
/// Reads a <c>tokenizer.json</c>: byte-pair encoding over bytes (GPT-2, LLaMA 3) or over characters with bytes to fall back
/// on (LLaMA 1 and 2). Anything it states that would change the ids and is not supported is refused.
/// </summary>
internal static class HuggingFaceTokenizerFile
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.json";

    private const int LargestId = 10_000_000;

    /// <summary>Makes the tokenizer of a file and of what stands beside it.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or states what is not supported.</exception>
    public static ITokenizer Parse(byte[] file, string source, TokenizerSettings settings) =>
        JsonFile.Parse(file, source, root => Parse(root, file, source, settings));

    private static HuggingFaceTokenizer Parse(JsonElement root, byte[] file, string source, TokenizerSettings settings)
    {
        var model = root.GetProperty("model");
        RequireSupported(model, source);
        var vocabulary = VocabularyOf(model, source);
        var added = AddedIn(root).Concat(settings.Added).DistinctBy(token => token.Text).ToList();
        var signs = added.Where(IsSign).ToDictionary(token => token.Text, token => token.Id, StringComparer.Ordinal);
        var normalizer = TextNormalizer.Parse(root.Optional("normalizer"), source);
        var split = TextSplit.Parse(root.Optional("pre_tokenizer"), source);
        int? IdOf(string? name) => name is null ? null
            : signs.TryGetValue(name, out var id) || vocabulary.TryGetValue(name, out id) || int.TryParse(name, CultureInfo.InvariantCulture, out id) ? id
            : null;

        return new HuggingFaceTokenizer
        {
            Words = text => split.Words(normalizer.Apply(text)),
            EncodeWord = split.IsByteLevel ? ByteLevel(model, vocabulary, source) : Characters(model, vocabulary, source),
            AddedText = new FixedPieces(added.Where(token => !token.IsSpecial).Select(token => (token.Text, token.Id))),
            Specials = signs,
            Bytes = BytesOf(vocabulary, added, model, normalizer, split, source),
            VocabularySize = 1 + vocabulary.Values.Concat(added.Select(token => token.Id)).Max(),
            BosId = settings.HasNoStart ? null : IdOf(settings.Start) ?? IdOf("<|begin_of_text|>") ?? IdOf("<s>"),
            EosId = IdOf(settings.End) ?? IdOf("</s>") ?? IdOf("<|end_of_text|>") ?? IdOf("<|endoftext|>")
                ?? throw new ModelFormatException($"{source} does not tell which token ends a text; put the model's tokenizer_config.json beside it."),
            SaveFiles = folder =>
            {
                File.WriteAllBytes(Path.Combine(folder, FileName), file);
                settings.Save(folder);
            },
        };
    }

    private static bool IsSign(AddedToken token) => token.IsSpecial || FixedPieces.IsMarker(token.Text);

    private static void RequireSupported(JsonElement model, string source)
    {
        var type = model.Optional("type")?.GetString() ?? (model.TryGetProperty("merges", out _) ? "BPE" : "unnamed");
        var unsupported =
            type != "BPE" ? $"is of the type '{type}'"
            : model.Optional("dropout") is { } dropout && dropout.GetDouble() > 0 ? "has a dropout"
            : model.Optional("continuing_subword_prefix")?.GetString() is { Length: > 0 } ? "has a continuing_subword_prefix"
            : model.Optional("end_of_word_suffix")?.GetString() is { Length: > 0 } ? "has an end_of_word_suffix"
            : null;
        if (unsupported is not null)
        {
            throw new ModelFormatException($"{source} {unsupported}, which is not supported; only plain byte-pair encoding (BPE), as LLaMA and GPT-2 use it, is.");
        }
    }

    private static Dictionary<string, int> VocabularyOf(JsonElement model, string source)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in model.GetProperty("vocab").EnumerateObject())
        {
            var id = entry.Value.GetInt32();
            if (id is < 0 or > LargestId || !vocabulary.TryAdd(entry.Name, id))
            {
                throw new ModelFormatException($"{source} gives the piece '{entry.Name}' {(id is < 0 or > LargestId ? $"the id {id}" : "twice")}; copy the file again.");
            }
        }

        return vocabulary.Count > 0 ? vocabulary : throw new ModelFormatException($"{source} has an empty vocabulary; copy the file again.");
    }

    private static IEnumerable<AddedToken> AddedIn(JsonElement root) =>
        root.Optional("added_tokens")?.EnumerateArray().Select(token => new AddedToken(
            token.GetProperty("content").GetString()!, token.GetProperty("id").GetInt32(), token.IsOn("special"))) ?? [];

    private static List<(string Left, string Right)> MergesOf(JsonElement model, Dictionary<string, int> vocabulary, string source)
    {
        var merges = new List<(string Left, string Right)>();
        foreach (var element in model.GetProperty("merges").EnumerateArray())
        {
            var (left, right) = MergeOf(element);
            if (!vocabulary.ContainsKey(left) || !vocabulary.ContainsKey(right) || !vocabulary.ContainsKey(left + right))
            {
                throw new ModelFormatException($"{source} merges '{left}' and '{right}', but not all of these and '{left + right}' are in its vocabulary; copy the file again.");
            }

            merges.Add((left, right));
        }

        return merges;
    }

    // A merge is written as a list of its two parts, or as both in one text.
    private static (string Left, string Right) MergeOf(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return (element[0].GetString()!, element[1].GetString()!);
        }

        var text = element.GetString()!;
        var cut = text.IndexOf(' ', 1);
        return cut > 0 ? (text[..cut], text[(cut + 1)..]) : throw new FormatException("A merge needs two parts.");
    }

    private static Action<string, ImmutableArray<int>.Builder> ByteLevel(JsonElement model, Dictionary<string, int> vocabulary, string source) =>
        new ByteLevelEncoder(vocabulary, MergesOf(model, vocabulary, source), model.IsOn("ignore_merges"), source).Encode;

    private static Action<string, ImmutableArray<int>.Builder> Characters(JsonElement model, Dictionary<string, int> vocabulary, string source)
    {
        var merges = new PairMerges();
        foreach (var (rank, (left, right)) in MergesOf(model, vocabulary, source).Index())
        {
            merges.Add(vocabulary[left], vocabulary[right], vocabulary[left + right], (uint)rank);
        }

        var characters = vocabulary.Where(piece => SentencePieceEncoding.IsCharacter(piece.Key))
            .ToDictionary(piece => Rune.GetRuneAt(piece.Key, 0).Value, piece => piece.Value);
        var unknown = model.Optional("unk_token")?.GetString() is { } name && vocabulary.TryGetValue(name, out var id) ? id : (int?)null;
        var encoder = new CharacterEncoder(characters, merges, ByteIdsOf(model, vocabulary, source), unknown)
        {
            FusesUnknown = model.IsOn("fuse_unk"),
            WordsMergeAlone = CharacterEncoder.DoWordsMergeAlone(vocabulary.Keys),
        };
        var whole = model.IsOn("ignore_merges");
        return (word, ids) =>
        {
            if (whole && vocabulary.TryGetValue(word, out var piece))
            {
                ids.Add(piece);
            }
            else
            {
                encoder.Encode(word, ids);
            }
        };
    }

    private static ImmutableArray<int> ByteIdsOf(JsonElement model, Dictionary<string, int> vocabulary, string source) =>
        !model.IsOn("byte_fallback") ? []
        : [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue(SentencePieceEncoding.NameOf((byte)value), out var id)
            ? id
            : throw new ModelFormatException($"{source} has no piece '{SentencePieceEncoding.NameOf((byte)value)}', which its byte_fallback needs; copy the file again."))];

    private static TokenBytes BytesOf(
        Dictionary<string, int> vocabulary, List<AddedToken> added, JsonElement model, TextNormalizer normalizer, TextSplit split, string source)
    {
        var size = 1 + vocabulary.Values.Concat(added.Select(token => token.Id)).Max();
        if (size > LargestId || added.Any(token => token.Id < 0))
        {
            throw new ModelFormatException($"{source} gives an added token an id beyond {LargestId}, or below 0; copy the file again.");
        }

        var bytes = new byte[size][];
        Array.Fill(bytes, []);
        var escapes = normalizer.EscapesSpaces || split.EscapesSpaces;
        var hasBytes = model.IsOn("byte_fallback");
        foreach (var (text, id) in vocabulary)
        {
            bytes[id] = split.IsByteLevel ? ByteLevelText.Read(text) ?? Encoding.UTF8.GetBytes(text)
                : hasBytes && SentencePieceEncoding.ByteOf(text) is { } value ? [value]
                : Encoding.UTF8.GetBytes(escapes ? text.Replace(SentencePieceModel.Space, ' ') : text);
        }

        foreach (var token in added)
        {
            bytes[token.Id] = token.IsSpecial ? [] : Encoding.UTF8.GetBytes(token.Text);
        }

        return new TokenBytes(bytes, normalizer.PrependsSpace || split.PrependsSpace);
    }
}
