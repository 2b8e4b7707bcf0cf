using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Model.Tokenization;

/// <summary>
/// What the files beside a vocabulary say: <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c>,
/// <c>added_tokens.json</c>, and for start and end also <c>generation_config.json</c> and <c>config.json</c>. Any may be absent.
/// </summary>
internal sealed record TokenizerSettings
{
    private static readonly string[] OwnFiles = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] ModelFiles = ["generation_config.json", "config.json"];
    private static readonly string[] NamingMembers = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
        "mask_token"];

    /// <summary>The start token: its name, or its id in digits, or null for one that is named nowhere.</summary>
    public string? Start { get; private init; }

    /// <summary>Whether the files say that there is no start token.</summary>
    public bool HasNoStart { get; private init; }

    /// <summary>The end token: its name, or its id in digits, or null for one that is named nowhere.</summary>
    public string? End { get; private init; }

    /// <summary>Tokens that these files add to the vocabulary. One that is named as start, end or the like is special.</summary>
    public ImmutableArray<AddedToken> Added { get; private init; } = [];

    /// <summary>Names of tokens that are special, whatever else is said of them.</summary>
    public ImmutableHashSet<string> Special { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Whether a start token goes before a plain text; null where the files do not say.</summary>
    public bool? AddsStart { get; private init; }

    /// <summary>The tokenizer's class in Hugging Face's library; null where the files do not say.</summary>
    public string? Class { get; private init; }

    /// <summary>
    /// Whether every section of a text gets LLaMA's space, not the text's beginning alone; null where the files do not say.
    /// </summary>
    public bool? IsLegacy { get; private init; }

    /// <summary>Whether there is such a space at all; null where the files do not say.</summary>
    public bool? AddsSpace { get; private init; }

    /// <summary>Whether a start token goes before a text where nothing says otherwise, as LLaMA's own class has it.</summary>
    public bool IsLlamas => Class is null or "LlamaTokenizer" or "LlamaTokenizerFast" or "CodeLlamaTokenizer" or "CodeLlamaTokenizerFast" or "GemmaTokenizer" or "GemmaTokenizerFast";

    private ImmutableDictionary<string, byte[]> Files { get; init; } = ImmutableDictionary<string, byte[]>.Empty;

    /// <summary>No files.</summary>
    public static TokenizerSettings None { get; } = new();

    /// <summary>Reads the files of a folder that are there.</summary>
    /// <exception cref="ModelFormatException">One of them is malformed.</exception>
    public static TokenizerSettings Read(string folder)
    {
        var settings = None;
        foreach (var name in OwnFiles.Concat(ModelFiles))
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                var bytes = TokenizerFile.Read(path);
                settings = JsonFile.Parse(bytes, $"'{path}'", root => settings.With(name, root));
                settings = OwnFiles.Contains(name) ? settings with { Files = settings.Files.Add(name, bytes) } : settings;
            }
        }

        return settings;
    }

    /// <summary>What a folder's <c>config.json</c> says of the tokens that start and end a text, as it is written there.</summary>
    public static string EndsOf(string folder)
    {
        var path = Path.Combine(folder, ModelFiles[1]);
        return !File.Exists(path) ? "" : JsonFile.Parse(File.ReadAllBytes(path), $"'{path}'", root =>
            $"{root.Optional("bos_token_id")?.GetRawText()}\0{root.Optional("eos_token_id")?.GetRawText()}");
    }

    /// <summary>The settings of a <c>tokenizer_config.json</c> in memory.</summary>
    /// <exception cref="ModelFormatException">It is malformed.</exception>
    public static TokenizerSettings Of(byte[] tokenizerConfig, string source)
    {
        var settings = JsonFile.Parse(tokenizerConfig, source, root => None.With(OwnFiles[0], root));
        return settings with { Files = settings.Files.Add(OwnFiles[0], tokenizerConfig) };
    }

    /// <summary>
    /// The same, with a <c>tokenizer_config.json</c> where there is none, so that other tools open the vocabulary as LLaMA's.
    /// </summary>
    public TokenizerSettings OrLlamas(string? start, string end, string unknown)
    {
        if (Files.ContainsKey(OwnFiles[0]))
        {
            return this;
        }

        var config = new JsonObject
        {
            ["tokenizer_class"] = "LlamaTokenizer",
            ["bos_token"] = start,
            ["eos_token"] = end,
            ["unk_token"] = unknown,
        };
        return this with { Files = Files.Add(OwnFiles[0], JsonSerializer.SerializeToUtf8Bytes(config, Indented)) };
    }

    /// <summary>Writes the tokenizer's own files (not the model's) into a folder, as they were read.</summary>
    public void Save(string folder)
    {
        foreach (var (name, bytes) in Files)
        {
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
    }

    private TokenizerSettings With(string file, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("holds no object of settings");
        }

        if (file == "added_tokens.json")
        {
            var added = root.EnumerateObject()
                .Select(token => new AddedToken(token.Name, token.Value.AsInteger(token.Name), Special.Contains(token.Name)));
            return this with { Added = [.. Added, .. added.ToList()] };
        }

        var settings = this with
        {
            HasNoStart = HasNoStart
                || (Start is null && root.TryGetProperty("bos_token", out var start) && start.ValueKind == JsonValueKind.Null),
            Start = Start ?? NameOf(root, "bos_token") ?? IdOf(root, "bos_token_id"),
            End = End ?? NameOf(root, "eos_token") ?? IdOf(root, "eos_token_id"),
        };
        return OwnFiles.Contains(file) ? settings.WithOwn(root) : settings;
    }

    private TokenizerSettings WithOwn(JsonElement root)
    {
        var special = Special.Union(NamingMembers.Select(member => NameOf(root, member)).OfType<string>())
            .Union(NamesIn(root, "additional_special_tokens"));
        return this with
        {
            Special = special,
            Added = [.. Added.Concat(AddedIn(root)).Select(token => special.Contains(token.Text) ? token with { IsSpecial = true } : token)],
            AddsStart = AddsStart ?? root.Flag("add_bos_token"),
            Class = Class ?? root.Optional("tokenizer_class")?.AsText("tokenizer_class"),
            IsLegacy = IsLegacy ?? root.Flag("legacy"),
            AddsSpace = AddsSpace ?? root.Flag("add_prefix_space"),
        };
    }

    private static List<AddedToken> AddedIn(JsonElement root) => root.Optional("added_tokens_decoder") is null ? []
        : [.. root.Members("added_tokens_decoder").Select(token => AddedToken.Read(token.Value, IdIn(token.Name)))];

    private static int IdIn(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw new FormatException($"has the member '{name}' among its added tokens where an id is needed");

    private static IEnumerable<string> NamesIn(JsonElement root, string member) => root.Optional(member) is null ? []
        : root.Items(member).Select(token => TextOf(token, member)).ToList();

    private static string? NameOf(JsonElement root, string member) => root.Optional(member) is { } token ? TextOf(token, member) : null;

    // A token is written as a text, or as an object with its text as "content".
    private static string TextOf(JsonElement token, string member) =>
        token.ValueKind == JsonValueKind.Object ? token.Text("content") : token.AsText(member);

    // Several end tokens stand in a list, the first of them the vocabulary's own.
    private static string? IdOf(JsonElement root, string member)
    {
        var id = root.Optional(member) ?? default;
        id = id.ValueKind == JsonValueKind.Array ? id.EnumerateArray().FirstOrDefault() : id;
        return id.ValueKind == JsonValueKind.Number ? id.AsInteger(member).ToString(CultureInfo.InvariantCulture) : null;
    }
}
