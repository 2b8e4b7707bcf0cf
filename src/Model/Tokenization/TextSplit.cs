using System.Text.Json;
using Orca.Model.Tokenization.Unicode;

namespace Orca.Model.Tokenization;

/// <summary>
/// The <c>pre_tokenizer</c> of a <c>tokenizer.json</c>, which cuts a text into words that are encoded each by itself.
/// </summary>
internal sealed class TextSplit
{
    // The pattern of GPT-2, which ByteLevel stands for.
    private const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Func<TextPiece, IEnumerable<TextPiece>> WriteBytes = piece =>
        [piece with { Text = ByteLevelText.Write(piece.Text) }];

    private readonly List<Func<TextPiece, IEnumerable<TextPiece>>> steps = [];
    private readonly string source;

    private TextSplit(string source) => this.source = source;

    /// <summary>Whether words are encoded as bytes, each written as one visible character.</summary>
    public bool IsByteLevel { get; private set; }

    /// <summary>Whether it puts a space before a text.</summary>
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

        if (split.steps.Count > 0 && split.steps[^1] == WriteBytes)
        {
            split.steps.RemoveAt(split.steps.Count - 1);
            split.LeavesBytes = true;
        }

        return split;
    }

    /// <summary>A space, written as U+2581, before the whole text alone, as LLaMA's newer rules have it; or nothing.</summary>
    public static TextSplit OfSpaces(bool prepends)
    {
        var split = new TextSplit("");
        split.AddMetaspace(prepends ? "first" : "never", "\u2581", splits: false);
        return split;
    }

    /// <summary>Whether <see cref="Words"/> are still to be written as <see cref="ByteLevelText"/>: nothing cuts what that gives.</summary>
    public bool LeavesBytes { get; private set; }

    /// <summary>The words of a piece, in order; of a byte-level split as <see cref="ByteLevelText"/>, unless that is left.</summary>
    public IEnumerable<string> Words(TextPiece piece)
    {
        if (piece.Text.Length == 0)
        {
            return [];
        }

        IEnumerable<TextPiece> pieces = [piece];
        foreach (var step in steps)
        {
            pieces = pieces.SelectMany(step);
        }

        return pieces.Select(word => word.Text);
    }

    private void Add(JsonElement element)
    {
        var type = element.Text("type");
        switch (type)
        {
            case "Sequence":
                foreach (var step in element.Items("pretokenizers"))
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
                AddPattern(
                    TextPattern.Of(CharacterClass.Named("N")!, isRun: false),
                    element.IsOn("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
                break;
            case "Punctuation":
                AddPattern(
                    TextPattern.Of(CharacterClass.Punctuation, isRun: false),
                    BehaviorOf(type, element.Optional("behavior")?.AsText("behavior") ?? "Isolated"));
                break;
            case "Whitespace":
                AddPattern(TextPattern.Parse(@"\w+|[^\w\s]+", source), SplitBehavior.Removed, inverts: true);
                break;
            case "WhitespaceSplit":
                AddPattern(TextPattern.Of(CharacterClass.Space, isRun: false), SplitBehavior.Removed);
                break;
            case "BertPreTokenizer":
                AddPattern(TextPattern.Of(CharacterClass.Space, isRun: false), SplitBehavior.Removed);
                AddPattern(TextPattern.Of(CharacterClass.Punctuation, isRun: false), SplitBehavior.Isolated);
                break;
            case "CharDelimiterSplit":
                var delimiter = element.Text("delimiter");
                AddMatches(text => Occurrences(text, delimiter), SplitBehavior.Removed);
                break;
            case "Metaspace":
                var replacement = element.Optional("replacement")?.AsText("replacement") ?? "\u2581";
                var scheme = element.Optional("prepend_scheme")?.AsText("prepend_scheme")
                    ?? (element.IsOn("add_prefix_space", otherwise: true) ? "always" : "never");
                AddMetaspace(scheme, replacement, element.IsOn("split", otherwise: true));
                break;
            default:
                throw new ModelFormatException(
                    $"{source} has the pre-tokenizer '{type}', which is not supported; supported are ByteLevel, Split, Digits, "
                        + "Punctuation, Whitespace, WhitespaceSplit, BertPreTokenizer, CharDelimiterSplit, Metaspace and sequences of "
                        + "these.");
        }
    }

    private void AddByteLevel(JsonElement element)
    {
        if (IsByteLevel)
        {
            throw new ModelFormatException($"{source} has the pre-tokenizer 'ByteLevel' twice, which is not supported; write bytes as "
                + "characters once.");
        }

        IsByteLevel = true;
        if (element.IsOn("add_prefix_space", otherwise: true))
        {
            PrependsSpace = true;
            steps.Add(piece => [piece with { Text = piece.Text.StartsWith(' ') ? piece.Text : " " + piece.Text }]);
        }

        if (element.IsOn("use_regex", otherwise: true))
        {
            AddPattern(TextPattern.Parse(ByteLevelPattern, source), SplitBehavior.Isolated);
        }

        // Steps that follow see the characters that bytes are written as.
        steps.Add(WriteBytes);
    }

    private void AddSplit(JsonElement element)
    {
        var behavior = BehaviorOf("Split", element.Text("behavior"));
        var pattern = element.Required("pattern");
        var inverts = element.IsOn("invert");
        if (pattern.Optional("Regex") is { } regex)
        {
            AddPattern(TextPattern.Parse(regex.AsText("Regex"), source), behavior, inverts);
        }
        else
        {
            var literal = pattern.Text("String");
            AddMatches(text => Occurrences(text, literal), behavior, inverts);
        }
    }

    private SplitBehavior BehaviorOf(string type, string name) =>
        Enum.TryParse<SplitBehavior>(name, out var behavior) && Enum.IsDefined(behavior) && char.IsAsciiLetter(name[0])
        ? behavior
        : throw new ModelFormatException(
            $"{source} has the pre-tokenizer '{type}' with the behavior '{name}', which is not supported; supported are "
                + $"{string.Join(", ", Enum.GetNames<SplitBehavior>())}.");

    private void AddMetaspace(string scheme, string replacement, bool splits)
    {
        if (scheme is not ("first" or "always" or "never"))
        {
            throw new ModelFormatException($"{source} has the pre-tokenizer 'Metaspace' with the prepend_scheme '{scheme}', which is not "
                + "supported; supported are first, always and never.");
        }

        if (replacement != "\u2581")
        {
            throw new ModelFormatException($"{source} has the pre-tokenizer 'Metaspace' with the replacement '{replacement}', which is "
                + "not supported; only U+2581 is.");
        }

        (PrependsSpace, EscapesSpaces) = (PrependsSpace | scheme != "never", true);
        steps.Add(piece =>
        {
            var escaped = piece.Text.Replace(' ', SentencePieceModel.Space);
            var prepends = (scheme == "always" || (scheme == "first" && piece.IsFirst))
                && escaped.Length > 0
                && escaped[0] != SentencePieceModel.Space;
            return [piece with { Text = prepends ? SentencePieceModel.Space + escaped : escaped }];
        });
        if (splits)
        {
            AddMatches(text => Occurrences(text, replacement), SplitBehavior.MergedWithNext);
        }
    }

    private void AddPattern(TextPattern pattern, SplitBehavior behavior, bool inverts = false) =>
        AddMatches(pattern.Matches, behavior, inverts);

    private void AddMatches(Func<string, List<TextSpan>> matches, SplitBehavior behavior, bool inverts = false) =>
        steps.Add(piece => behavior.Cut(piece, matches(piece.Text), inverts));

    private static List<TextSpan> Occurrences(string text, string literal)
    {
        var spans = new List<TextSpan>();
        for (var at = 0; literal.Length > 0 && (at = text.IndexOf(literal, at, StringComparison.Ordinal)) >= 0; at += literal.Length)
        {
            spans.Add(new TextSpan(at, literal.Length));
        }

        return spans;
    }
}
