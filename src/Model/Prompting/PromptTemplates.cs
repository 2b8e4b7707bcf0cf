using Orca.Model.Tokenization;
using static Orca.Model.Prompting.TemplatePart;

namespace Orca.Model.Prompting;

/// <summary>The templates that come with Orca, and which of them suits which vocabulary.</summary>
public static class PromptTemplates
{
    /// <summary>One marker a role and nothing else: for vocabularies that have the markers, such as the embedded student's.</summary>
    public static SectionTemplate Markers { get; } = new()
    {
        BeginsWithStartToken = false,
        System = [Special("<|system|>"), TemplatePart.Message],
        User = [Special("<|user|>"), TemplatePart.Message],
        Opening = [Special("<|assistant|>")],
    };

    /// <summary>ChatML.</summary>
    public static SectionTemplate ChatMl { get; } = new()
    {
        BeginsWithStartToken = true,
        System = [Special("<|im_start|>"), Text("system\n"), TemplatePart.Message, Special("<|im_end|>"), Text("\n")],
        User = [Special("<|im_start|>"), Text("user\n"), TemplatePart.Message, Special("<|im_end|>"), Text("\n")],
        Opening = [Special("<|im_start|>"), Text("assistant\n")],
        End = "<|im_end|>",
    };

    /// <summary>The form of LLaMA 3's instructed models.</summary>
    public static SectionTemplate Llama3 { get; } = new()
    {
        BeginsWithStartToken = true,
        System = [Special("<|start_header_id|>"), Text("system"), Special("<|end_header_id|>"), Text("\n\n"), TemplatePart.Message,
            Special("<|eot_id|>")],
        User = [Special("<|start_header_id|>"), Text("user"), Special("<|end_header_id|>"), Text("\n\n"), TemplatePart.Message,
            Special("<|eot_id|>")],
        Opening = [Special("<|start_header_id|>"), Text("assistant"), Special("<|end_header_id|>"), Text("\n\n")],
        End = "<|eot_id|>",
    };

    /// <summary>Headings in plain text: for vocabularies without markers, such as LLaMA's own.</summary>
    public static SectionTemplate Headings { get; } = new()
    {
        BeginsWithStartToken = true,
        System = [Text("### System:\n"), TemplatePart.Message, Text("\n\n")],
        User = [Text("### User:\n"), TemplatePart.Message, Text("\n\n")],
        Opening = [Text("### Assistant:\n")],
    };

    /// <summary>No form at all: a base model goes on with the text it is given. A system message stands above it.</summary>
    public static SectionTemplate Raw { get; } = new()
    {
        BeginsWithStartToken = true,
        System = [TemplatePart.Message, Text("\n\n")],
        User = [TemplatePart.Message],
        Opening = [],
        Continues = true,
    };

    /// <summary>
    /// The template for a vocabulary: <see cref="Markers"/>, <see cref="ChatMl"/> or <see cref="Llama3"/> where it has their
    /// special tokens, else <see cref="Headings"/>. <see cref="Raw"/> is never chosen: nothing in a vocabulary tells a base model.
    /// </summary>
    public static SectionTemplate For(ITokenizer tokenizer)
    {
        var suited = new[] { Markers, ChatMl, Llama3 }.FirstOrDefault(template => HasAll(tokenizer, template));
        return suited ?? Headings;
    }

    /// <summary>The name of one of these templates; <c>custom</c> for any other.</summary>
    public static string NameOf(SectionTemplate template) => Named.FirstOrDefault(named => named.Template == template).Name ?? "custom";

    private static IEnumerable<(string Name, SectionTemplate Template)> Named =>
        [("markers", Markers), ("chatml", ChatMl), ("llama3", Llama3), ("headings", Headings), ("raw", Raw)];

    private static bool HasAll(ITokenizer tokenizer, SectionTemplate template) =>
        template.SpecialPieces().All(piece => tokenizer.FindSpecial(piece) is not null);
}
