using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orca.Model.Tokenization;

/// <summary>
/// The <c>pre_tokenizer</c> of a <c>tokenizer.json</c>, which cuts a text into words that are encoded each by itself:
/// ByteLevel, Split, Digits, Metaspace, and sequences of these.
/// </summary>
internal sealed class TextSplit
{
    // The pattern of GPT-2, which ByteLevel stands for.
    private const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string MetaspacePattern = "\u2581[^\u2581]*|[^\u2581]+";

    private readonly List<Func<string, IEnumerable<string>>> steps = [];
    private readonly string source;

    private TextSplit(string source) => this.source = source;

    /// <summary>Whether words are encoded as bytes, each written as one visible character.</summary>
    public bool IsByteLevel { get; private set; }

    /// <summary>Whether it puts a space, written as U+2581, before a text.</summary>
    public bool PrependsSpace { get; private set; }

    /// <summary>Whether it writes spaces as U+2581.</summary>
    public bool EscapesSpaces { get; private set; }

    /// <summary>Reads it; an absent one leaves texts whole.</summary>
    /// <exception cref="ModelFormatException">It has a step that is not supported.</exception>
    public static TextSplit Parse(JsonElement? element, string source)
    {
        var split = new TextSplit(source);
        if (element is { } present)
        {
            split.Add(present);
        }

        return split;
    }

    /// <summary>A pattern as .NET reads it.</summary>
    /// <exception cref="ModelFormatException">It is no regular expression.</exception>
    public static Regex RegexOf(string pattern, string source)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException($"{source} has the pattern '{pattern}', which is no regular expression of .NET; copy the file again.", e);
        }
    }

    /// <summary>The words of a text, in order.</summary>
    public IEnumerable<string> Words(string text)
    {
        IEnumerable<string> words = [text];
        foreach (var step in steps)
        {
            words = words.SelectMany(step);
        }

        return words;
    }

    private void Add(JsonElement element)
    {
        var type = element.GetProperty("type").GetString();
        switch (type)
        {
            case "Sequence":
                foreach (var step in element.GetProperty("pretokenizers").EnumerateArray())
                {
                    Add(step);
                }

                break;
            case "ByteLevel":
                AddByteLevel(element);
                break;
            case "Split":
                AddSplit(element);
                break;
            case "Digits":
                AddPattern(element.IsOn("individual_digits") ? @"\p{N}" : @"\p{N}+", keepsMatches: true, keepsOthers: true);
                break;
            case "Metaspace":
                AddMetaspace(element);
                break;
            default:
                throw new ModelFormatException($"{source} has the pre-tokenizer '{type}', which is not supported; supported are ByteLevel, Split, Digits, Metaspace and sequences of these.");
        }
    }

    private void AddByteLevel(JsonElement element)
    {
        IsByteLevel = true;
        if (element.IsOn("add_prefix_space", otherwise: true))
        {
            throw new ModelFormatException($"{source} has the pre-tokenizer 'ByteLevel' with add_prefix_space, which is not supported; use a vocabulary without it.");
        }

        if (element.IsOn("use_regex", otherwise: true))
        {
            AddPattern(ByteLevelPattern, keepsMatches: true, keepsOthers: true);
        }
    }

    private void AddSplit(JsonElement element)
    {
        var pattern = element.GetProperty("pattern");
        var regex = pattern.Optional("Regex")?.GetString() ?? Regex.Escape(pattern.GetProperty("String").GetString()!);
        var behavior = element.GetProperty("behavior").GetString();
        if (behavior is not ("Isolated" or "Removed"))
        {
            throw new ModelFormatException($"{source} has the pre-tokenizer 'Split' with the behavior '{behavior}', which is not supported; supported are Isolated and Removed.");
        }

        var removes = behavior == "Removed";
        var inverted = element.IsOn("invert");
        AddPattern(regex, keepsMatches: !removes || inverted, keepsOthers: !removes || !inverted);
    }

    private void AddMetaspace(JsonElement element)
    {
        var scheme = element.Optional("prepend_scheme")?.GetString() ?? (element.IsOn("add_prefix_space", otherwise: true) ? "always" : "never");
        var prepends = scheme != "never";
        var space = element.Optional("replacement")?.GetString() ?? "\u2581";
        if (space != "\u2581")
        {
            throw new ModelFormatException($"{source} has the pre-tokenizer 'Metaspace' with the replacement '{space}', which is not supported; only U+2581 is.");
        }

        (PrependsSpace, EscapesSpaces) = (PrependsSpace | prepends, true);
        steps.Add(text =>
        {
            var escaped = text.Replace(' ', SentencePieceModel.Space);
            return [prepends && escaped.Length > 0 && escaped[0] != SentencePieceModel.Space ? SentencePieceModel.Space + escaped : escaped];
        });
        if (element.IsOn("split", otherwise: true))
        {
            AddPattern(MetaspacePattern, keepsMatches: true, keepsOthers: true);
        }
    }

    private void AddPattern(string pattern, bool keepsMatches, bool keepsOthers)
    {
        var regex = RegexOf(pattern, source);
        steps.Add(text => Parts(text, regex, keepsMatches, keepsOthers));
    }

    private static List<string> Parts(string text, Regex regex, bool keepsMatches, bool keepsOthers)
    {
        var runes = new RuneText(text);
        var parts = new List<string>();
        var end = 0;
        foreach (var match in regex.EnumerateMatches(runes.Classes))
        {
            if (keepsOthers && match.Index > end)
            {
                parts.Add(runes.Slice(end, match.Index));
            }

            end = match.Index + match.Length;
            if (keepsMatches && match.Length > 0)
            {
                parts.Add(runes.Slice(match.Index, end));
            }
        }

        if (keepsOthers && end < runes.Classes.Length)
        {
            parts.Add(runes.Slice(end, runes.Classes.Length));
        }

        return parts;
    }
}
