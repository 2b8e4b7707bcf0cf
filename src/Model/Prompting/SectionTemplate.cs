using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>
/// A template of Orca's own: one section for each role. It has no form for tools, and takes no arguments.
/// </summary>
/// <remarks>
/// Special tokens are inserted as ids; what a message holds is always plain text. Neighbouring parts of text are encoded
/// together, and the answer by itself, so the ids of a prompt do not depend on its answer.
/// </remarks>
public sealed record SectionTemplate : PromptTemplate
{
    /// <summary>Whether a prompt begins with what the tokenizer puts before a text.</summary>
    public required bool BeginsWithStartToken { get; init; }

    /// <summary>The system message's section; left out altogether where the message is empty.</summary>
    public required ImmutableArray<TemplatePart> System { get; init; }

    /// <summary>The user's section.</summary>
    public required ImmutableArray<TemplatePart> User { get; init; }

    /// <summary>What opens the answer: the end of every prompt.</summary>
    public required ImmutableArray<TemplatePart> Opening { get; init; }

    /// <summary>The special token that ends an answer; null for the tokenizer's own end token.</summary>
    public string? End { get; init; }

    /// <summary>Whether an answer goes on with the prompt's own text, as a base model does, rather than beginning a new one.</summary>
    public bool Continues { get; init; }

    /// <inheritdoc/>
    public override string Name => PromptTemplates.NameOf(this);

    /// <summary>SHA-256, in lower-case hexadecimal digits, of the canonical JSON of the template.</summary>
    public override string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())));

    /// <summary>Reads a template from a file.</summary>
    /// <exception cref="ModelFormatException">The file is missing or malformed.</exception>
    public static SectionTemplate Read(string path) => SectionTemplateJson.Read(path) with { Source = Path.GetFileName(path) };

    /// <summary>Writes the template into a folder, as <see cref="PromptTemplate.FileName"/>.</summary>
    public override void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), SectionTemplateJson.Write(this, indented: true) + "\n");

    /// <summary>The canonical JSON: one line, fixed order, nothing left out.</summary>
    public string ToJson() => SectionTemplateJson.Write(this, indented: false);

    /// <summary>
    /// Ids of a whole prompt: each message in its section, an answer as <see cref="Answer"/> has it, so that a conversation begins
    /// with the ids it had one question ago.
    /// </summary>
    /// <exception cref="PromptException">A role has no section, there are tools, or the form holds one question alone.</exception>
    public override ImmutableArray<int> Prompt(ITokenizer tokenizer, Conversation conversation)
    {
        RequireForm(conversation);
        var prompt = new PromptWriter(tokenizer);
        if (BeginsWithStartToken)
        {
            prompt.AddStart();
        }

        foreach (var (i, message) in conversation.Messages.Index())
        {
            AddMessage(prompt, tokenizer, message, i, goesOn: conversation.ContinueFinalMessage && i == conversation.Messages.Length - 1);
        }

        if (conversation is { AddGenerationPrompt: true, ContinueFinalMessage: false })
        {
            prompt.Add(Opening, "");
        }

        return prompt.ToIds();
    }

    /// <inheritdoc/>
    public override (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Lesson(
        ITokenizer tokenizer, string systemMessage, string user, string answer) =>
        (Prompt(tokenizer, systemMessage, user), Answer(tokenizer, answer));

    /// <summary>Ids of an answer, its end token last: what the model learns to give after a prompt.</summary>
    /// <exception cref="ModelFormatException">The tokenizer lacks the end token of the template.</exception>
    public ImmutableArray<int> Answer(ITokenizer tokenizer, string answer) => tokenizer.Encode(answer).Add(EndId(tokenizer));

    /// <inheritdoc/>
    public override ImmutableArray<int> StopIds(ITokenizer tokenizer) => [.. new[] { EndId(tokenizer), tokenizer.EosId }.Distinct()];

    /// <summary>Begins to decode the answer to a prompt: its text is what was encoded by <see cref="Answer"/>.</summary>
    public override StreamingDecoder StartAnswer(ITokenizer tokenizer, Conversation conversation, ReadOnlySpan<int> prompt) =>
        Continues || conversation.ContinueFinalMessage ? tokenizer.StartDecoding(prompt) : tokenizer.StartDecoding();

    /// <inheritdoc/>
    public override void Require(ITokenizer tokenizer)
    {
        foreach (var piece in SpecialPieces())
        {
            PromptWriter.IdOf(tokenizer, piece);
        }
    }

    /// <summary>The names of all special tokens that the template needs.</summary>
    public IEnumerable<string> SpecialPieces()
    {
        var inSections = System.Concat(User).Concat(Opening)
            .Where(part => part.Kind == TemplatePartKind.Special).Select(part => part.Value);
        return (End is null ? inSections : inSections.Append(End)).Distinct();
    }

    /// <summary>Templates are equal when their canonical JSON is.</summary>
    public bool Equals(SectionTemplate? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToJson());

    private void RequireForm(Conversation conversation)
    {
        if (conversation.Tools is not null)
        {
            throw new PromptException($"name tools, which this student's prompt template ('{Name}') has no form for");
        }

        if (Continues && (conversation.Messages.Count(message => message.Role == "user") > 1 || conversation.Messages.Any(message => message.Role == "assistant")))
        {
            throw new PromptException("hold several turns; this student's prompt template only continues a text and has no form for a "
                + "conversation: put one question");
        }
    }

    private void AddMessage(PromptWriter prompt, ITokenizer tokenizer, Message message, int place, bool goesOn)
    {
        var text = message is { Content: { } content, ToolCalls: null }
            ? content
            : throw new PromptException($"have calls of tools or no content at {place}, which this student's prompt template ('{Name}') "
                + "has no form for");
        switch (message.Role)
        {
            case "system" or "user" when goesOn:
                throw new PromptException($"end with one of role '{message.Role}', which the student cannot continue; let the last be "
                    + "the assistant's");
            case "system":
                prompt.Add(text.Length > 0 ? System : [], text);
                break;
            case "user":
                prompt.Add(User, text);
                break;
            case "assistant":
                prompt.Add(Opening, "");
                prompt.AddIds(goesOn ? tokenizer.Encode(text) : Answer(tokenizer, text));
                prompt.Add(goesOn ? [] : AfterAnswer, "");
                break;
            default:
                throw new PromptException($"have the role '{message.Role}' at {place}; this student's prompt template ('{Name}') has "
                    + "system, user and assistant");
        }
    }

    // An answer's message is closed as the user's is: where that ends with the answer's own end token, what stands after it
    // there (ChatML's line break) also stands after the answer's.
    internal ImmutableArray<TemplatePart> AfterAnswer
    {
        get
        {
            var closing = User.SkipWhile(part => part.Kind != TemplatePartKind.Message).Skip(1).ToImmutableArray();
            return closing is [{ Kind: TemplatePartKind.Special } first, .. var rest] && first.Value == End ? rest : [];
        }
    }

    private int EndId(ITokenizer tokenizer) => End is null ? tokenizer.EosId : PromptWriter.IdOf(tokenizer, End);
}
