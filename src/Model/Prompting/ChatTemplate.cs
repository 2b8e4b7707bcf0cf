using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orca.Model.Prompting.Jinja;
using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>
/// A chat template in Jinja, as it came with a model. A conversation is rendered as a text, which is encoded as a whole: the special
/// tokens that the template writes become ids, those that stand in a message stay text. Start tokens are the template's alone.
/// </summary>
public sealed record ChatTemplate : PromptTemplate
{
    /// <summary>Name of the template that is used where no other is called for.</summary>
    internal const string Default = "default";

    /// <summary>Name of the template that is used where there are tools.</summary>
    internal const string ToolUse = "tool_use";

    private const string Answered = "The answer of a probe.";

    private readonly ImmutableSortedDictionary<string, string> texts;
    private readonly ImmutableDictionary<string, JinjaTemplate> templates;
    private readonly ImmutableDictionary<string, JinjaValue> specialTokens;

    /// <param name="texts">The templates by name; one is called <see cref="Default"/>.</param>
    /// <param name="specialTokens">The tokenizer's special tokens as variables: <c>bos_token</c> and its kind.</param>
    /// <exception cref="JinjaSyntaxException">One is malformed, or uses something that is not known.</exception>
    internal ChatTemplate(ImmutableSortedDictionary<string, string> texts, ImmutableDictionary<string, JinjaValue> specialTokens)
    {
        this.texts = texts;
        this.specialTokens = specialTokens;
        templates = texts.ToImmutableDictionary(template => template.Key, template => JinjaTemplate.Parse(template.Value));
    }

    /// <summary>Tells templates that ask for it the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public override string Name => string.Join(", ", texts.Keys);

    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of the template's text; of all names and texts where there are several.
    /// </summary>
    public override string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        texts.Count == 1 ? texts.Values.First() : string.Concat(texts.Select(template => $"{template.Key}\0{template.Value}\0")))));

    /// <summary>The default template's text.</summary>
    internal string Text => texts[Default];

    /// <summary>The other templates' texts, by name.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Others => texts.Where(template => template.Key != Default);

    /// <inheritdoc/>
    public override void Save(string folder) => ChatTemplateFiles.Write(this, folder);

    /// <summary>A conversation as text.</summary>
    /// <exception cref="PromptException">It has no form in this template.</exception>
    public string Render(Conversation conversation) => Laid(conversation).Value;

    /// <inheritdoc/>
    public override ImmutableArray<int> Prompt(ITokenizer tokenizer, Conversation conversation) => Encode(tokenizer, Laid(conversation));

    /// <summary>
    /// A question and its answer, together the rendered conversation up to the token that ends the answer. Where the template lays
    /// an answer out in another way than it opens one (as some do with thoughts), the answer follows the prompt as it stands.
    /// </summary>
    /// <exception cref="PromptException">It has no form in this template.</exception>
    public override (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Lesson(
        ITokenizer tokenizer, string systemMessage, string user, string answer)
    {
        var asked = Conversation.Of(systemMessage, user);
        var (opened, whole) = (Laid(asked), Laid(asked with
        {
            Messages = asked.Messages.Add(new Message("assistant", answer)),
            AddGenerationPrompt = false,
        }));
        var prompt = Encode(tokenizer, opened);
        var ids = whole.Value.StartsWith(opened.Value, StringComparison.Ordinal)
            ? After(tokenizer, prompt, opened, whole)
            : tokenizer.Encode(answer);
        var end = EndId(tokenizer);
        var at = ids.IndexOf(end);
        return (prompt, at < 0 ? ids.Add(end) : ids[..(at + 1)]);
    }

    /// <summary>
    /// The ids that end an answer: the special token by which the template closes one, where it does, and the tokenizer's own end token.
    /// </summary>
    public override ImmutableArray<int> StopIds(ITokenizer tokenizer) => [.. new[] { EndId(tokenizer), tokenizer.EosId }.Distinct()];

    /// <inheritdoc/>
    public override StreamingDecoder StartAnswer(ITokenizer tokenizer, Conversation conversation, ReadOnlySpan<int> prompt) =>
        conversation.ContinueFinalMessage ? tokenizer.StartDecoding(prompt) : tokenizer.StartDecoding();

    /// <summary>Nothing is needed: a special token that the vocabulary lacks is text, as in every other tool.</summary>
    public override void Require(ITokenizer tokenizer)
    {
    }

    /// <summary>Templates are equal when their texts are.</summary>
    public bool Equals(ChatTemplate? other) => other is not null && Hash == other.Hash;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Hash);

    private TemplateText Laid(Conversation conversation)
    {
        var text = Rendered(conversation, conversation is { AddGenerationPrompt: true, ContinueFinalMessage: false });
        return conversation.ContinueFinalMessage ? UpToLastMessage(conversation, text) : text;
    }

    private TemplateText Rendered(Conversation conversation, bool addGenerationPrompt)
    {
        var template = conversation.Tools is not null && templates.TryGetValue(ToolUse, out var withTools) ? withTools : templates[Default];
        try
        {
            return template.Render([.. specialTokens, .. ChatVariables.Of(conversation, addGenerationPrompt)], Clock);
        }
        catch (JinjaException refusal)
        {
            throw new PromptException($"are refused by this student's chat template: {refusal.Message}", refusal);
        }
    }

    // As Hugging Face has it: what the template writes behind the last message is left away, also spaces that it kept there.
    private static TemplateText UpToLastMessage(Conversation conversation, TemplateText text)
    {
        if (conversation.Messages is not [.., { Role: "assistant", Content: { } last }] || string.IsNullOrWhiteSpace(last))
        {
            throw new PromptException("do not end with a text of the assistant's, which alone the student can continue");
        }

        var (whole, bare) = (last.TrimStart(), last.Trim());
        var at = text.Value.LastIndexOf(bare, StringComparison.Ordinal);
        return at < 0
            ? throw new PromptException("end with a text that this student's chat template changes, so that the student cannot continue it")
            : text.Slice(0, at + (text.Value.AsSpan(at).StartsWith(whole) ? whole.Length : bare.Length));
    }

    private static ImmutableArray<int> Encode(ITokenizer tokenizer, TemplateText text) => tokenizer.EncodeMarked(text.Value, text.Literal);

    private static ImmutableArray<int> After(ITokenizer tokenizer, ImmutableArray<int> prompt, TemplateText opened, TemplateText whole)
    {
        var ids = Encode(tokenizer, whole);
        return ids.AsSpan().StartsWith(prompt.AsSpan())
            ? ids[prompt.Length..]
            : Encode(tokenizer, whole.Slice(opened.Value.Length));
    }

    // The special token right behind an answer, white space aside.
    private int EndId(ITokenizer tokenizer)
    {
        var behind = BehindAnswer() ?? "";
        foreach (var id in tokenizer.EncodeMarked(behind, []))
        {
            if (tokenizer.NameOfSpecial(id) is not null)
            {
                return id;
            }

            if (!string.IsNullOrWhiteSpace(tokenizer.Decode([id])))
            {
                break;
            }
        }

        return tokenizer.EosId;
    }

    private string? BehindAnswer()
    {
        foreach (var system in new[] { "", "A system message." })
        {
            try
            {
                var asked = Conversation.Of(system, "A question.");
                var text = Rendered(
                    asked with { Messages = asked.Messages.Add(new Message("assistant", Answered)) }, addGenerationPrompt: false).Value;
                return text.LastIndexOf(Answered, StringComparison.Ordinal) is >= 0 and var at ? text[(at + Answered.Length)..] : null;
            }
            catch (PromptException)
            {
                // The template wants a system message, or none of these roles.
            }
        }

        return null;
    }
}
