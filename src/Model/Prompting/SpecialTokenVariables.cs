using System.Collections.Immutable;
using System.Text.Json;
using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>The special tokens that a chat template may name: <c>bos_token</c>, <c>eos_token</c> and their kind.</summary>
internal static class SpecialTokenVariables
{
    // Of several files the first that says something of a token wins.
    private static readonly string[] Files = ["tokenizer_config.json", "special_tokens_map.json"];

    private static readonly string[] Names = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>
    /// Those of a model's folder. One that is null in its files is undefined, as in Hugging Face's; of one that they do not speak of,
    /// start and end are the tokenizer's.
    /// </summary>
    /// <exception cref="ModelFormatException">A file is malformed.</exception>
    public static ImmutableDictionary<string, JinjaValue> OfFolder(string folder, ITokenizer tokenizer)
    {
        var tokens = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var path in Files.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            JsonFile.Parse(File.ReadAllBytes(path), $"'{path}'", root => AddAll(tokens, root));
        }

        tokens.TryAdd("bos_token", tokenizer.BosId is { } start ? tokenizer.NameOfSpecial(start) : null);
        tokens.TryAdd("eos_token", tokenizer.NameOfSpecial(tokenizer.EosId));
        return Of(tokens);
    }

    /// <summary>The variables of some tokens by name; those that are null are left out.</summary>
    public static ImmutableDictionary<string, JinjaValue> Of(IEnumerable<KeyValuePair<string, string?>> tokens) => tokens
        .Where(token => token.Value is not null)
        .ToImmutableDictionary(token => token.Key, JinjaValue (token) => new TextValue(token.Value!), StringComparer.Ordinal);

    private static bool AddAll(Dictionary<string, string?> tokens, JsonElement root)
    {
        foreach (var name in Names)
        {
            if (root.TryGetProperty(name, out var token))
            {
                tokens.TryAdd(name, TextOf(token));
            }
        }

        // Tokens of further roles, each by the name that templates call it.
        if (root.TryGetProperty("extra_special_tokens", out var extra) && extra.ValueKind == JsonValueKind.Object)
        {
            foreach (var token in extra.EnumerateObject())
            {
                tokens.TryAdd(token.Name, TextOf(token.Value));
            }
        }

        return true;
    }

    private static string? TextOf(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.String => token.GetString(),
        JsonValueKind.Object => token.GetProperty("content").GetString(),
        _ => null,
    };
}
