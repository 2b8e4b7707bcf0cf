using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Model.Tokenization;

/// <summary>
/// Reads a <c>tokenizer.json</c>: byte-pair encoding over bytes (GPT-2, LLaMA 3) or over characters with bytes to fall back
/// on (LLaMA 1 and 2). Anything it states that would change the ids or the text and is not supported is refused.
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
        var model = root.Required("model");
        RequireSupported(model, source);
        var vocabulary = VocabularyOf(model, source);
        var added = AddedIn(root, vocabulary, settings);
        var ids = added.ToDictionary(token => token.Text, token => token.Id, StringComparer.Ordinal);
        var normalizer = TextNormalizer.Parse(root.Optional("normalizer"), source);
        var split = TextSplit.Parse(root.Optional("pre_tokenizer"), source);
        var size = SizeOf(vocabulary, added, source);
        int? Named(string name) => ids.TryGetValue(name, out var id) || vocabulary.TryGetValue(name, out id) ? id : null;
        int? IdOf(string? name) => name is null ? null
            : Named(name) ?? (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < size ? id : null);
        var start = settings.HasNoStart ? null : IdOf(settings.Start) ?? IdOf("<|begin_of_text|>") ?? IdOf("<s>");

        return new HuggingFaceTokenizer
        {
            Encoder = new TextEncoder(new TextSections(added, normalizer), split, WordEncoder(model, vocabulary, split, Named, source)),
            Added = ids,
            Bytes = BytesOf(
                vocabulary, added, size, normalizer,
                DecoderRules.Parse(root.Optional("decoder"), RulesOf(model, normalizer, split), source)),
            VocabularySize = size,
            BosId = start,
            StartIds = StartOf(StartRules.Parse(root.Optional("post_processor"), Named, source), start, settings, size),
            EosId = IdOf(settings.End) ?? IdOf("</s>") ?? IdOf("<|end_of_text|>") ?? IdOf("<|endoftext|>")
                ?? throw new ModelFormatException($"{source} does not tell which token ends a text; put the model's "
                    + "tokenizer_config.json beside it."),
            SaveFiles = folder =>
            {
                File.WriteAllBytes(Path.Combine(folder, FileName), file);
                settings.Save(folder);
            },
        };
    }

    // Settings beside the file go before its own rules, and without either only LLaMA's class adds a start token.
    private static ImmutableArray<int> StartOf(ImmutableArray<int>? rules, int? start, TokenizerSettings settings, int size)
    {
        ImmutableArray<int> alone = start is { } id ? [id] : [];
        var ids = settings.AddsStart == false ? []
            : settings.AddsStart == true ? alone
            : rules ?? (settings.Class is not null && settings.IsLlamas ? alone : []);
        return ids.All(found => found >= 0 && found < size)
            ? ids
            : throw new FormatException("puts a token before every text that is not in its vocabulary");
    }

    private static void RequireSupported(JsonElement model, string source)
    {
        var type = model.Optional("type")?.AsText("type") ?? (model.Optional("merges") is not null ? "BPE" : "unnamed");
        var unsupported =
            type != "BPE" ? $"is of the type '{type}'"
            : model.Optional("dropout") is { } dropout && (dropout.ValueKind != JsonValueKind.Number || dropout.GetDouble() > 0) ? "has a dropout"
            : model.Optional("continuing_subword_prefix")?.AsText("continuing_subword_prefix") is { Length: > 0 } ? "has a continuing_subword_prefix"
            : model.Optional("end_of_word_suffix")?.AsText("end_of_word_suffix") is { Length: > 0 } ? "has an end_of_word_suffix"
            : null;
        if (unsupported is not null)
        {
            throw new ModelFormatException($"{source} {unsupported}, which is not supported; only plain byte-pair encoding (BPE), as "
                + "LLaMA and GPT-2 use it, is.");
        }
    }

    private static Dictionary<string, int> VocabularyOf(JsonElement model, string source)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in model.Members("vocab"))
        {
            var id = entry.Value.AsInteger(entry.Name);
            if (id is < 0 or > LargestId || !vocabulary.TryAdd(entry.Name, id))
            {
                throw new FormatException($"gives the piece '{entry.Name}' {(id is < 0 or > LargestId ? $"the id {id}" : "twice")}");
            }
        }

        return vocabulary.Count > 0 ? vocabulary : throw new FormatException("has an empty vocabulary");
    }

    // A token that is in the vocabulary has its id there. What stands beside the file changes what a token is like, but not its id,
    // and one that is named as start, end or the like is special.
    private static List<AddedToken> AddedIn(JsonElement root, Dictionary<string, int> vocabulary, TokenizerSettings settings)
    {
        var own = root.Optional("added_tokens") is null
            ? []
            : root.Items("added_tokens").Select(token => AddedToken.Read(token, token.Required("id").AsInteger("id"))).ToList();
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var token in own)
        {
            added.TryAdd(token.Text, token with { Id = vocabulary.GetValueOrDefault(token.Text, token.Id) });
        }

        foreach (var token in settings.Added.DistinctBy(token => token.Text))
        {
            var id = added.TryGetValue(token.Text, out var known) ? known.Id : vocabulary.GetValueOrDefault(token.Text, token.Id);
            added[token.Text] = token with { Id = id };
        }

        foreach (var name in settings.Special)
        {
            if (added.TryGetValue(name, out var known))
            {
                added[name] = known with { IsSpecial = true };
            }
            else if (vocabulary.TryGetValue(name, out var id))
            {
                added[name] = new AddedToken(name, id, IsSpecial: true);
            }
        }

        return [.. added.Values.Where(token => token.Text.Length > 0)];
    }

    private static PairMerges MergesOf(JsonElement model, Dictionary<string, int> vocabulary)
    {
        var merges = new PairMerges();
        foreach (var (rank, element) in model.Items("merges").Index())
        {
            var (left, right) = MergeOf(element);
            merges.Add(
                IdIn(vocabulary, left, element), IdIn(vocabulary, right, element), IdIn(vocabulary, left + right, element), (uint)rank);
        }

        return merges;
    }

    private static int IdIn(Dictionary<string, int> vocabulary, string piece, JsonElement merge) =>
        vocabulary.TryGetValue(piece, out var id)
        ? id
        : throw new FormatException($"merges {merge.GetRawText()}, but '{piece}' is not in its vocabulary");

    // A merge is written as a list of its two parts, or as both in one text.
    private static (string Left, string Right) MergeOf(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 2)
        {
            return (element[0].AsText("merges"), element[1].AsText("merges"));
        }

        var text = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
        var cut = text.IndexOf(' ', Math.Min(1, text.Length));
        return cut > 0
            ? (text[..cut], text[(cut + 1)..])
            : throw new FormatException($"has the merge {element.GetRawText()} where two parts are needed");
    }

    private static Action<string, ImmutableArray<int>.Builder> WordEncoder(
        JsonElement model, Dictionary<string, int> vocabulary, TextSplit split, Func<string, int?> idOf, string source)
    {
        var unknown = model.Optional("unk_token") is { } name ? idOf(name.AsText("unk_token")) : null;
        if (split.IsByteLevel && unknown is null)
        {
            RequireBytes(vocabulary, source);
        }

        var characters = vocabulary.Where(piece => SentencePieceEncoding.IsCharacter(piece.Key))
            .ToDictionary(piece => Rune.GetRuneAt(piece.Key, 0).Value, piece => piece.Value);
        var encoder = new CharacterEncoder(characters, MergesOf(model, vocabulary), ByteIdsOf(model, vocabulary), unknown)
        {
            FusesUnknown = model.IsOn("fuse_unk"),
            WordsMergeAlone = CharacterEncoder.DoWordsMergeAlone(vocabulary.Keys),
        };
        var whole = model.IsOn("ignore_merges");
        return split.LeavesBytes ? WritingBytes(Encode) : Encode;

        void Encode(string word, ImmutableArray<int>.Builder ids)
        {
            if (whole && vocabulary.TryGetValue(word, out var piece))
            {
                ids.Add(piece);
            }
            else
            {
                encoder.Encode(word, ids);
            }
        }
    }

    // Words that were there before need not be written again.
    private static Action<string, ImmutableArray<int>.Builder> WritingBytes(Action<string, ImmutableArray<int>.Builder> encode)
    {
        var words = new WordCache();
        return (word, ids) =>
        {
            if (words.TryGet(word, out var known))
            {
                ids.AddRange(known);
                return;
            }

            var start = ids.Count;
            encode(ByteLevelText.Write(word), ids);
            var found = new int[ids.Count - start];
            ids.CopyTo(start, found, 0, found.Length);
            words.Add(word, found);
        };
    }

    // Some bytes never stand in UTF-8, and need no piece.
    private static void RequireBytes(Dictionary<string, int> vocabulary, string source)
    {
        foreach (var value in Enumerable.Range(0, 256).Where(value => value is not (0xC0 or 0xC1 or >= 0xF5)))
        {
            if (!vocabulary.ContainsKey(ByteLevelText.CharacterOf((byte)value).ToString()))
            {
                throw new ModelFormatException(
                    $"{source} has no piece for the byte 0x{value:X2}, which ByteLevel needs, and no unk_token that could stand for it; "
                        + "take the file as the model's publisher wrote it.");
            }
        }
    }

    private static ImmutableArray<int> ByteIdsOf(JsonElement model, Dictionary<string, int> vocabulary) => !model.IsOn("byte_fallback") ? []
        : [.. Enumerable.Range(0, 256).Select(value => vocabulary.GetValueOrDefault(SentencePieceEncoding.NameOf((byte)value), -1))];

    private static int SizeOf(Dictionary<string, int> vocabulary, List<AddedToken> added, string source)
    {
        var largest = vocabulary.Values.Concat(added.Select(token => token.Id)).Max();
        return largest <= LargestId && added.TrueForAll(token => token.Id >= 0)
            ? largest + 1
            : throw new ModelFormatException($"{source} gives an added token an id beyond {LargestId}, or below 0; take the file as the "
                + "model's publisher wrote it.");
    }

    // What a file without a decoder means.
    private static DecoderRules RulesOf(JsonElement model, TextNormalizer normalizer, TextSplit split) => new()
    {
        IsByteLevel = split.IsByteLevel,
        HasBytePieces = model.IsOn("byte_fallback"),
        DropsFirstSpace = normalizer.PrependsSpace || split.PrependsSpace,
        Replacements = normalizer.EscapesSpaces || split.EscapesSpaces ? [("\u2581", " ")] : [],
    };

    private static TokenBytes BytesOf(
        Dictionary<string, int> vocabulary, List<AddedToken> added, int size, TextNormalizer normalizer, DecoderRules rules)
    {
        var bytes = new byte[size][];
        Array.Fill(bytes, []);
        foreach (var (text, id) in vocabulary)
        {
            bytes[id] = rules.BytesOf(text);
        }

        foreach (var token in added)
        {
            bytes[token.Id] = token.IsSpecial ? [] : rules.BytesOfAdded(token.IsNormalized ? normalizer.Apply(token.Text) : token.Text);
        }

        return new TokenBytes(bytes, rules.DropsFirstSpace);
    }
}
