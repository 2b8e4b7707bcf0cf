using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Model.Tokenization;

/// <summary>A token that was added to a vocabulary after it was trained.</summary>
/// <param name="Text">Its exact name or text.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsSpecial">Whether it is a sign for the model rather than text.</param>
internal readonly record struct AddedToken(string Text, int Id, bool IsSpecial);

/// <summary>
/// What the files beside a vocabulary say: <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c>,
/// <c>added_tokens.json</c>, and for start and end also <c>generation_config.json</c> and <c>config.json</c>. Any may be absent.
/// </summary>
internal sealed record TokenizerSettings
{
    private static readonly string[] OwnFiles = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] ModelFiles = ["generation_config.json", "config.json"];

    /// <summary>The start token: its name, or its id in digits, or null for one that is named nowhere.</summary>
    public string? Start { get; private init; }

    /// <summary>Whether the files say that there is no start token.</summary>
    public bool HasNoStart { get; private init; }

    /// <summary>The end token: its name, or its id in digits, or null for one that is named nowhere.</summary>
    public string? End { get; private init; }

    /// <summary>Tokens that these files add to the vocabulary.</summary>
    public ImmutableArray<AddedToken> Added { get; private init; } = [];

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
                var bytes = File.ReadAllBytes(path);
                settings = JsonFile.Parse(bytes, $"'{path}'", root => settings.With(name, root));
                settings = OwnFiles.Contains(name) ? settings with { Files = settings.Files.Add(name, bytes) } : settings;
            }
        }

        return settings;
    }

    /// <summary>The settings of a <c>tokenizer_config.json</c> in memory.</summary>
    /// <exception cref="ModelFormatException">It is malformed.</exception>
    public static TokenizerSettings Of(byte[] tokenizerConfig, string source)
    {
        var settings = JsonFile.Parse(tokenizerConfig, source, root => None.With(OwnFiles[0], root));
        return settings with { Files = settings.Files.Add(OwnFiles[0], tokenizerConfig) };
    }

    /// <summary>The same, with a <c>tokenizer_config.json</c> where there is none, so that other tools open the vocabulary as LLaMA's.</summary>
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

    private TokenizerSettings With(string file, JsonElement root) => file switch
    {
        "added_tokens.json" => this with
        {
            Added = [.. Added, .. root.EnumerateObject().Select(token => new AddedToken(token.Name, token.Value.GetInt32(), true))],
        },
        _ => this with
        {
            HasNoStart = HasNoStart || (Start is null && root.TryGetProperty("bos_token", out var start) && start.ValueKind == JsonValueKind.Null),
            Start = Start ?? NameOf(root, "bos_token") ?? IdOf(root, "bos_token_id"),
            End = End ?? NameOf(root, "eos_token") ?? IdOf(root, "eos_token_id"),
            Added = [.. Added, .. AddedIn(root)],
        },
    };

    private static IEnumerable<AddedToken> AddedIn(JsonElement root) =>
        root.TryGetProperty("added_tokens_decoder", out var added)
            ? added.EnumerateObject().Select(token => new AddedToken(
                token.Value.GetProperty("content").GetString()!,
                int.Parse(token.Name, CultureInfo.InvariantCulture),
                !token.Value.TryGetProperty("special", out var special) || special.GetBoolean()))
            : [];

    // A token is written as a text, or as an object with its text as "content".
    private static string? NameOf(JsonElement root, string member) =>
        !root.TryGetProperty(member, out var token) ? null
        : token.ValueKind == JsonValueKind.Object ? token.GetProperty("content").GetString()
        : token.GetString();

    // Several end tokens stand in a list, the first of them the vocabulary's own.
    private static string? IdOf(JsonElement root, string member)
    {
        if (!root.TryGetProperty(member, out var id))
        {
            return null;
        }

        id = id.ValueKind == JsonValueKind.Array ? id.EnumerateArray().FirstOrDefault() : id;
        return id.ValueKind == JsonValueKind.Number ? id.GetInt32().ToString(CultureInfo.InvariantCulture) : null;
    }
}
