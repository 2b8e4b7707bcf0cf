using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Model.Tokenization;

/// <summary>
/// What goes before a plain text: the <c>post_processor</c> of a <c>tokenizer.json</c>. What it puts behind a text is left out, since a
/// text is given to be continued.
/// </summary>
internal static class StartRules
{
    /// <summary>The ids before a text; null where the file has no such rules.</summary>
    /// <param name="element">The member, where there is one.</param>
    /// <param name="idOf">The id of a token by name.</param>
    /// <param name="source">How messages name the file.</param>
    /// <exception cref="ModelFormatException">It has a step that is not supported.</exception>
    public static ImmutableArray<int>? Parse(JsonElement? element, Func<string, int?> idOf, string source) =>
        element is { } present ? Read(present, idOf, source) : null;

    private static ImmutableArray<int> Read(JsonElement element, Func<string, int?> idOf, string source)
    {
        var type = element.Text("type");
        return type switch
        {
            "Sequence" => [.. element.Items("processors").Reverse().SelectMany(step => Read(step, idOf, source))],
            "ByteLevel" => [],
            "BertProcessing" or "RobertaProcessing" => [element.Items("cls").ElementAtOrDefault(1).AsInteger("cls")],
            "TemplateProcessing" => OfTemplate(element, idOf),
            _ => throw new ModelFormatException(
                $"{source} has the post-processor '{type}', which is not supported; supported are TemplateProcessing, ByteLevel, "
                    + "BertProcessing, RobertaProcessing and sequences of these."),
        };
    }

    private static ImmutableArray<int> OfTemplate(JsonElement element, Func<string, int?> idOf)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (var part in element.Items("single"))
        {
            if (part.Optional("SpecialToken") is not { } special)
            {
                break;
            }

            var name = special.Text("id");
            if (element.Optional("special_tokens")?.Optional(name) is { } known)
            {
                ids.AddRange(known.Items("ids").Select(id => id.AsInteger("ids")));
            }
            else
            {
                ids.Add(idOf(name) ?? throw new FormatException($"puts '{name}' before every text, which is no token of its"));
            }
        }

        return ids.ToImmutable();
    }
}
