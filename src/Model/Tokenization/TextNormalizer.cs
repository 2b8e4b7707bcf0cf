using System.Globalization;
using System.Text;
using System.Text.Json;
using Orca.Model.Tokenization.Unicode;

namespace Orca.Model.Tokenization;

/// <summary>
/// The <c>normalizer</c> of a <c>tokenizer.json</c>: Unicode's normal forms, Prepend, Replace, Lowercase, Strip, StripAccents, and
/// sequences of these.
/// </summary>
internal sealed class TextNormalizer
{
    private readonly List<Func<string, string>> steps = [];

    /// <summary>Whether it puts a space, written as U+2581, before a text.</summary>
    public bool PrependsSpace { get; private set; }

    /// <summary>Whether it writes spaces as U+2581.</summary>
    public bool EscapesSpaces { get; private set; }

    /// <summary>Whether it leaves every text as it is.</summary>
    public bool IsIdentity => steps.Count == 0;

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

    /// <summary>SentencePiece's own.</summary>
    /// <param name="removesExtra">Whether spaces at the ends fall away, and of several in a row all but one.</param>
    /// <param name="prepends">Whether a space goes before every text.</param>
    /// <param name="escapes">Whether spaces are written as U+2581.</param>
    public static TextNormalizer OfSpaces(bool removesExtra, bool prepends, bool escapes)
    {
        var normalizer = new TextNormalizer { PrependsSpace = prepends, EscapesSpaces = escapes };
        if (removesExtra)
        {
            normalizer.steps.Add(text => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        }

        if (prepends)
        {
            normalizer.AddPrepend(" ");
        }

        if (escapes)
        {
            normalizer.steps.Add(text => text.Replace(' ', SentencePieceModel.Space));
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
        var type = element.Text("type");
        switch (type)
        {
            case "Sequence":
                foreach (var step in element.Items("normalizers"))
                {
                    Add(step, source);
                }

                break;
            case "Prepend":
                var prefix = element.Text("prepend");
                PrependsSpace |= prefix is ['\u2581' or ' ', ..];
                AddPrepend(prefix);
                break;
            case "Replace":
                AddReplace(element, source);
                break;
            case "NFC":
                steps.Add(UnicodeForm.C.Apply);
                break;
            case "NFD":
                steps.Add(UnicodeForm.D.Apply);
                break;
            case "NFKC":
                steps.Add(UnicodeForm.KC.Apply);
                break;
            case "NFKD":
                steps.Add(UnicodeForm.KD.Apply);
                break;
            case "Lowercase":
                steps.Add(Lowercase);
                break;
            case "StripAccents":
                steps.Add(StripAccents);
                break;
            case "Strip":
                AddStrip(element.IsOn("strip_left", otherwise: true), element.IsOn("strip_right", otherwise: true));
                break;
            default:
                throw new ModelFormatException(
                    $"{source} has the normalizer '{type}', which is not supported; supported are NFC, NFD, NFKC, NFKD, Prepend, "
                        + "Replace, Lowercase, Strip, StripAccents and sequences of these.");
        }
    }

    private void AddPrepend(string prefix) => steps.Add(text => text.Length == 0 ? text : prefix + text);

    private void AddStrip(bool left, bool right) => steps.Add(text => (left, right) switch
    {
        (true, true) => text.Trim(),
        (true, false) => text.TrimStart(),
        (false, true) => text.TrimEnd(),
        _ => text,
    });

    private void AddReplace(JsonElement element, string source)
    {
        var content = element.Text("content");
        var pattern = element.Required("pattern");
        if (pattern.Optional("String") is { } literal)
        {
            AddReplaceText(literal.AsText("String"), content);
        }
        else
        {
            var regex = TextPattern.Parse(pattern.Text("Regex"), source);
            steps.Add(text => regex.Replace(text, content));
        }
    }

    private void AddReplaceText(string literal, string content)
    {
        EscapesSpaces |= literal == " " && content == "\u2581";
        steps.Add(text => literal.Length > 0
            ? text.Replace(literal, content, StringComparison.Ordinal)
            : content + string.Concat(text.EnumerateRunes().Select(rune => rune + content)));
    }

    // One character beyond the runtime's simple mapping becomes two.
    private static string Lowercase(string text) => text.ToLowerInvariant().Replace("\u0130", "i\u0307", StringComparison.Ordinal);

    private static string StripAccents(string text)
    {
        var rest = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isMark = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            rest.Append(isMark ? "" : rune.ToString());
        }

        return rest.ToString();
    }
}
