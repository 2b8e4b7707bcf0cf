using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orca.Model.Tokenization;

/// <summary>The <c>normalizer</c> of a <c>tokenizer.json</c>: Prepend, Replace, NFC, and sequences of these.</summary>
/// <remarks>
/// NFC needs the runtime's Unicode tables. In invariant globalization, as Orca is built, there are none, and a character
/// that is written in parts stays so; nearly all text is composed already.
/// </remarks>
internal sealed class TextNormalizer
{
    private readonly List<Func<string, string>> steps = [];

    /// <summary>Whether it puts a space, written as U+2581, before a text.</summary>
    public bool PrependsSpace { get; private set; }

    /// <summary>Whether it writes spaces as U+2581.</summary>
    public bool EscapesSpaces { get; private set; }

    /// <summary>Reads it; an absent one leaves texts as they are.</summary>
    /// <exception cref="ModelFormatException">It has a step that is not supported.</exception>
    public static TextNormalizer Parse(JsonElement? element, string source)
    {
        var normalizer = new TextNormalizer();
        if (element is { } present)
        {
            normalizer.Add(present, source);
        }

        return normalizer;
    }

    /// <summary>The text as the vocabulary wants it.</summary>
    public string Apply(string text)
    {
        foreach (var step in steps)
        {
            text = step(text);
        }

        return text;
    }

    private void Add(JsonElement element, string source)
    {
        var type = element.GetProperty("type").GetString();
        switch (type)
        {
            case "Sequence":
                foreach (var step in element.GetProperty("normalizers").EnumerateArray())
                {
                    Add(step, source);
                }

                break;
            case "Prepend":
                var prefix = element.GetProperty("prepend").GetString()!;
                PrependsSpace |= prefix[0] is SentencePieceModel.Space or ' ';
                steps.Add(text => text.Length == 0 ? text : prefix + text);
                break;
            case "Replace":
                AddReplace(element, source);
                break;
            case "NFC":
                steps.Add(text => text.Normalize());
                break;
            default:
                throw new ModelFormatException($"{source} has the normalizer '{type}', which is not supported; supported are Prepend, Replace, NFC and sequences of these.");
        }
    }

    private void AddReplace(JsonElement element, string source)
    {
        var content = element.GetProperty("content").GetString()!;
        var pattern = element.GetProperty("pattern");
        if (pattern.Optional("String")?.GetString() is { } literal)
        {
            EscapesSpaces |= literal == " " && content == SentencePieceModel.Space.ToString();
            steps.Add(text => text.Replace(literal, content, StringComparison.Ordinal));
        }
        else
        {
            var regex = TextSplit.RegexOf(pattern.GetProperty("Regex").GetString()!, source);
            steps.Add(text => regex.Replace(text, _ => content));
        }
    }
}
