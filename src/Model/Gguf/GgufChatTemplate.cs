using System.Collections.Immutable;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;

namespace Orca.Model.Gguf;

/// <summary>The chat templates in a GGUF file's metadata: one without a name, and others by name.</summary>
internal static class GgufChatTemplate
{
    private const string Key = "tokenizer.chat_template";
    private const string NamesKey = "tokenizer.chat_templates";
    private const string TokenPrefix = "tokenizer.ggml.";

    private static readonly (string Variable, string Key)[] Tokens =
    [
        ("bos_token", "bos_token_id"), ("eos_token", "eos_token_id"), ("unk_token", "unknown_token_id"),
        ("sep_token", "seperator_token_id"), ("pad_token", "padding_token_id"),
    ];

    /// <summary>The file's chat template; null where it has none.</summary>
    /// <exception cref="ModelFormatException">It uses something that is not known.</exception>
    public static ChatTemplate? Read(GgufFile file, ITokenizer tokenizer)
    {
        var metadata = file.Metadata;
        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in metadata.Texts(NamesKey) ?? [])
        {
            if (metadata.Text($"{Key}.{name}") is { } text)
            {
                texts[name] = text;
            }
        }

        if (metadata.Text(Key) is { } unnamed)
        {
            texts[ChatTemplate.Default] = unnamed;
        }

        return texts.Count == 0
            ? null
            : ChatTemplateFiles.Make(
                texts.ToImmutable(), Variables(file, tokenizer), Key, file.Source,
                $"serve the folder it was made from, with a {ChatTemplateFiles.FileName} of your own in it");
    }

    /// <summary>
    /// Writes a template into a file that is being made; one of Orca's own in Jinja too, so that other tools ask as it does.
    /// </summary>
    public static void Add(GgufWriter writer, PromptTemplate template)
    {
        if (template is SectionTemplate sections)
        {
            writer.Add(Key, SectionTemplateJinja.Write(sections));
            return;
        }

        var chat = (ChatTemplate)template;
        writer.Add(Key, chat.Text);
        var others = chat.Others.ToList();
        if (others.Count > 0)
        {
            writer.Add(NamesKey, [.. others.Select(other => other.Key)]);
        }

        foreach (var (name, text) in others)
        {
            writer.Add($"{Key}.{name}", text);
        }
    }

    private static ImmutableDictionary<string, Prompting.Jinja.Values.JinjaValue> Variables(GgufFile file, ITokenizer tokenizer)
    {
        var texts = file.Metadata.Texts(TokenPrefix + "tokens") ?? [];
        var tokens = Tokens.ToDictionary(token => token.Variable, token =>
            file.Metadata.Integer(TokenPrefix + token.Key) is { } id && id >= 0 && id < texts.Length ? texts[id] : null);
        tokens["bos_token"] ??= tokenizer.BosId is { } start ? tokenizer.NameOfSpecial(start) : null;
        tokens["eos_token"] ??= tokenizer.NameOfSpecial(tokenizer.EosId);
        return SpecialTokenVariables.Of(tokens);
    }
}
