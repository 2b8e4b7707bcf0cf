using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Orca.Model.Tokenization;

/// <summary>How tokens become text again: the <c>decoder</c> of a <c>tokenizer.json</c>, as far as it can be done token by token.</summary>
internal sealed record DecoderRules
{
    /// <summary>Whether pieces are bytes, each written as one visible character.</summary>
    public bool IsByteLevel { get; init; }

    /// <summary>Whether pieces such as <c>&lt;0x0A&gt;</c> are bytes.</summary>
    public bool HasBytePieces { get; init; }

    /// <summary>Whether a space that begins the whole text is the tokenizer's own.</summary>
    public bool DropsFirstSpace { get; init; }

    /// <summary>Texts and what stands for them, in order.</summary>
    public ImmutableArray<(string Text, string Content)> Replacements { get; init; } = [];

    /// <summary>Reads the rules; where the file has none they are <paramref name="otherwise"/>.</summary>
    /// <exception cref="ModelFormatException">It has a step that is not supported.</exception>
    public static DecoderRules Parse(JsonElement? element, DecoderRules otherwise, string source) =>
        element is { } present ? new DecoderRules().With(present, isFused: false, source).Rules : otherwise;

    /// <summary>The bytes that a piece stands for.</summary>
    public byte[] BytesOf(string piece)
    {
        if (IsByteLevel && ByteLevelText.Read(piece) is { } bytes)
        {
            return bytes;
        }

        return HasBytePieces && SentencePieceEncoding.ByteOf(piece) is { } value ? [value] : Encoding.UTF8.GetBytes(Replaced(piece));
    }

    /// <summary>The bytes of an added token that is text.</summary>
    public byte[] BytesOfAdded(string text) => Encoding.UTF8.GetBytes(Replaced(text));

    private string Replaced(string piece)
    {
        foreach (var (text, content) in Replacements)
        {
            piece = piece.Replace(text, content, StringComparison.Ordinal);
        }

        return piece;
    }

    private (DecoderRules Rules, bool IsFused) With(JsonElement element, bool isFused, string source)
    {
        var type = element.Text("type");
        switch (type)
        {
            case "Sequence":
                var all = (Rules: this, IsFused: isFused);
                foreach (var step in element.Items("decoders"))
                {
                    all = all.Rules.With(step, all.IsFused, source);
                }

                return all;
            case "ByteLevel":
                return (this with { IsByteLevel = true }, isFused);
            case "ByteFallback":
                return (this with { HasBytePieces = true }, isFused);
            case "Fuse":
                return (this, true);
            case "Metaspace" when (element.Optional("replacement")?.AsText("replacement") ?? "\u2581") == "\u2581":
                var scheme = element.Optional("prepend_scheme")?.AsText("prepend_scheme")
                    ?? (element.IsOn("add_prefix_space", otherwise: true) ? "always" : "never");
                return (this with { Replacements = Replacements.Add(("\u2581", " ")), DropsFirstSpace = DropsFirstSpace || scheme != "never" }, isFused);
            case "Replace" when !isFused && element.Required("pattern").Optional("String")?.AsText("String") is { Length: > 0 } text:
                return (this with { Replacements = Replacements.Add((text, element.Text("content"))) }, isFused);
            case "Strip" when isFused
                && element.Text("content") == " "
                && element.Required("start").AsInteger("start") is (0 or 1) and var start
                && element.Required("stop").AsInteger("stop") == 0:
                return (this with { DropsFirstSpace = DropsFirstSpace || start == 1 }, isFused);
            default:
                throw new ModelFormatException(
                    $"{source} has a decoder '{type}' that is not supported; supported are ByteLevel, Metaspace, Replace of a text, "
                        + "ByteFallback, Fuse, Strip of one space before the text, and sequences of these.");
        }
    }
}
