using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Model.Prompting.Jinja;
using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>Where Hugging Face's folders hold their chat templates.</summary>
internal static partial class ChatTemplateFiles
{
    /// <summary>The file of the default template; it comes before all others.</summary>
    public const string FileName = "chat_template.jinja";

    /// <summary>The folder of templates with other names.</summary>
    public const string OthersFolder = "additional_chat_templates";

    private const string Extension = ".jinja";

    // Where a chat template stands as a member of that name.
    private static readonly string[] JsonFiles = ["tokenizer_config.json", "chat_template.json"];

    /// <summary>The chat template of a folder; null where it has none.</summary>
    /// <exception cref="ModelFormatException">A file is malformed, or a template uses something that is not known.</exception>
    public static ChatTemplate? Open(string folder, ITokenizer tokenizer)
    {
        var (source, texts) = File.Exists(Path.Combine(folder, FileName))
            ? (FileName, OfFolder(folder))
            : JsonFiles.Select(name => (name, Texts: OfJson(Path.Combine(folder, name)))).FirstOrDefault(found => found.Texts is not null);
        return texts is null
            ? null
            : Make(texts, SpecialTokenVariables.OfFolder(folder, tokenizer), source, $"'{Path.Combine(folder, source)}'",
                $"write one without that into {FileName} in the same folder, which comes before all others");
    }

    /// <summary>Makes a template, and says of a faulty one where it stands and what helps.</summary>
    /// <exception cref="ModelFormatException">A template uses something that is not known.</exception>
    public static ChatTemplate Make(
        ImmutableSortedDictionary<string, string> texts, ImmutableDictionary<string, JinjaValue> specialTokens,
        string source, string place, string remedy)
    {
        if (texts.Keys.FirstOrDefault(name => !PlainName().IsMatch(name)) is { } odd)
        {
            throw new ModelFormatException($"{place} has a chat template called '{odd}'; a name is made of letters, digits, '_', '-' and "
                + "'.'.");
        }

        try
        {
            return texts.ContainsKey(ChatTemplate.Default)
                ? new ChatTemplate(texts, specialTokens) { Source = source }
                : throw new ModelFormatException($"{place} has chat templates, but none called '{ChatTemplate.Default}'; name the one to "
                    + "use so.");
        }
        catch (JinjaSyntaxException fault)
        {
            throw new ModelFormatException($"{place} has a chat template that cannot be used, {fault.Message}; {remedy}.", fault);
        }
    }

    /// <summary>Writes a template into a folder.</summary>
    public static void Write(ChatTemplate template, string folder)
    {
        File.WriteAllText(Path.Combine(folder, FileName), template.Text);
        foreach (var (name, text) in template.Others)
        {
            var others = Directory.CreateDirectory(Path.Combine(folder, OthersFolder)).FullName;
            File.WriteAllText(Path.Combine(others, name + Extension), text);
        }
    }

    private static ImmutableSortedDictionary<string, string> OfFolder(string folder)
    {
        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        texts[ChatTemplate.Default] = File.ReadAllText(Path.Combine(folder, FileName));
        var others = Path.Combine(folder, OthersFolder);
        foreach (var path in Directory.Exists(others) ? Directory.EnumerateFiles(others, "*" + Extension) : [])
        {
            texts[Path.GetFileNameWithoutExtension(path)] = File.ReadAllText(path);
        }

        return texts.ToImmutable();
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();

    // A template stands as a text, or as a list of names and texts.
    private static ImmutableSortedDictionary<string, string>? OfJson(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        return JsonFile.Parse(File.ReadAllBytes(path), $"'{path}'", root =>
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("chat_template", out var template) || template.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            return template.ValueKind == JsonValueKind.Array
                ? template.EnumerateArray().ToImmutableSortedDictionary(
                    one => one.Text("name"), one => one.Text("template"), StringComparer.Ordinal)
                : ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal).Add(ChatTemplate.Default, template.AsText("chat_template"));
        });
    }
}
