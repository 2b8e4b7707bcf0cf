using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>
/// How a system message, a user's message and an answer become token ids: the same for training and for serving, so that
/// <see cref="Prompt"/> followed by <see cref="Answer"/> is what the model is trained on, and <see cref="Prompt"/> what it is asked with.
/// </summary>
/// <remarks>
/// Special tokens are inserted as ids; what a message holds is always plain text. Neighbouring parts of text are encoded
/// together, and the answer by itself, so the ids of a prompt do not depend on its answer.
/// </remarks>
public sealed record PromptTemplate
{
    /// <summary>The file of a checkpoint that holds its template.</summary>
    public const string FileName = "prompt_template.json";

    /// <summary>Whether a prompt begins with the tokenizer's start token, where it has one.</summary>
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

    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of the canonical JSON of the template. Stable across processes and versions.
    /// </summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())));

    /// <summary>The template that suits a vocabulary, told by its special tokens: see <see cref="PromptTemplates"/>.</summary>
    public static PromptTemplate For(ITokenizer tokenizer) => PromptTemplates.For(tokenizer);

    /// <summary>The template of a checkpoint: its <see cref="FileName"/>, or where it has none the one for its vocabulary.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or names a special token that the tokenizer does not have.</exception>
    public static PromptTemplate Open(string folder, ITokenizer tokenizer)
    {
        var path = Path.Combine(folder, FileName);
        var template = File.Exists(path) ? Read(path) : For(tokenizer);
        template.Require(tokenizer);
        return template;
    }

    /// <summary>Reads a template from a file.</summary>
    /// <exception cref="ModelFormatException">The file is missing or malformed.</exception>
    public static PromptTemplate Read(string path) => PromptTemplateJson.Read(path);

    /// <summary>Writes the template into a folder, as <see cref="FileName"/>.</summary>
    public void Save(string folder) => File.WriteAllText(Path.Combine(folder, FileName), PromptTemplateJson.Write(this, indented: true) + "\n");

    /// <summary>The canonical JSON: one line, fixed order, nothing left out.</summary>
    public string ToJson() => PromptTemplateJson.Write(this, indented: false);

    /// <summary>Whether a conversation of several questions has a form: a text that only goes on has none.</summary>
    public bool HoldsTurns => !Continues;

    /// <summary>Ids of a whole prompt, up to where the answer begins.</summary>
    /// <exception cref="ModelFormatException">The tokenizer lacks a special token of the template.</exception>
    public ImmutableArray<int> Prompt(ITokenizer tokenizer, string systemMessage, string user) => Prompt(tokenizer, systemMessage, [], user);

    /// <summary>
    /// Ids of a whole prompt with what was said before: each earlier question as it was put, followed by its
    /// <see cref="Answer"/>, so that a conversation begins with the ids it had one question ago.
    /// </summary>
    /// <exception cref="ModelFormatException">The tokenizer lacks a special token of the template.</exception>
    /// <exception cref="InvalidOperationException">There are earlier turns, and <see cref="HoldsTurns"/> is false.</exception>
    public ImmutableArray<int> Prompt(ITokenizer tokenizer, string systemMessage, ImmutableArray<Turn> earlier, string user)
    {
        if (earlier.Length > 0 && !HoldsTurns)
        {
            throw new InvalidOperationException("This template has no form for several turns.");
        }

        var prompt = new PromptWriter(tokenizer);
        if (BeginsWithStartToken)
        {
            prompt.AddStart();
        }

        if (systemMessage.Length > 0)
        {
            prompt.Add(System, systemMessage);
        }

        foreach (var turn in earlier)
        {
            prompt.Add(User, turn.User);
            prompt.Add(Opening, "");
            prompt.AddIds(Answer(tokenizer, turn.Assistant));
            prompt.Add(AfterAnswer(), "");
        }

        prompt.Add(User, user);
        prompt.Add(Opening, "");
        return prompt.ToIds();
    }

    /// <summary>Ids of an answer, its end token last: what the model learns to give after <see cref="Prompt"/>.</summary>
    /// <exception cref="ModelFormatException">The tokenizer lacks the end token of the template.</exception>
    public ImmutableArray<int> Answer(ITokenizer tokenizer, string answer) => tokenizer.Encode(answer).Add(EndId(tokenizer));

    /// <summary>The ids that end an answer when the model gives them: the template's, and the tokenizer's own end token.</summary>
    /// <exception cref="ModelFormatException">The tokenizer lacks the end token of the template.</exception>
    public ImmutableArray<int> StopIds(ITokenizer tokenizer) => [.. new[] { EndId(tokenizer), tokenizer.EosId }.Distinct()];

    /// <summary>Begins to decode the answer to a prompt: its text is what was encoded by <see cref="Answer"/>.</summary>
    public StreamingDecoder StartAnswer(ITokenizer tokenizer, ReadOnlySpan<int> prompt) =>
        Continues ? tokenizer.StartDecoding(prompt) : tokenizer.StartDecoding();

    /// <summary>Makes sure that a tokenizer has every special token of the template.</summary>
    /// <exception cref="ModelFormatException">It lacks one.</exception>
    public void Require(ITokenizer tokenizer)
    {
        foreach (var piece in SpecialPieces())
        {
            PromptWriter.IdOf(tokenizer, piece);
        }
    }

    /// <summary>The names of all special tokens that the template needs.</summary>
    public IEnumerable<string> SpecialPieces()
    {
        var inSections = System.Concat(User).Concat(Opening).Where(part => part.Kind == TemplatePartKind.Special).Select(part => part.Value);
        return (End is null ? inSections : inSections.Append(End)).Distinct();
    }

    /// <summary>Templates are equal when their canonical JSON is.</summary>
    public bool Equals(PromptTemplate? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToJson());

    // An answer's message is closed as the user's is: where that ends with the answer's own end token, what stands after it
    // there (ChatML's line break) also stands after the answer's.
    private ImmutableArray<TemplatePart> AfterAnswer()
    {
        var closing = User.SkipWhile(part => part.Kind != TemplatePartKind.Message).Skip(1).ToImmutableArray();
        return closing is [{ Kind: TemplatePartKind.Special } first, .. var rest] && first.Value == End ? rest : [];
    }

    private int EndId(ITokenizer tokenizer) => End is null ? tokenizer.EosId : PromptWriter.IdOf(tokenizer, End);
}
