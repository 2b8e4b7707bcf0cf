using System.Collections.Immutable;
using Orca.Model;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training;

/// <summary>Encodes lessons with the very template and tokenizer that the student is served with.</summary>
/// <exception cref="Orca.Model.ModelFormatException">The tokenizer lacks a special token of the template.</exception>
public sealed class TemplateLessonEncoder : ILessonEncoder
{
    private readonly PromptTemplate template;
    private readonly ITokenizer tokenizer;

    /// <summary>An encoder for one student.</summary>
    public TemplateLessonEncoder(PromptTemplate template, ITokenizer tokenizer)
    {
        template.Require(tokenizer);
        RequireSystemMessage(template, tokenizer);
        (this.template, this.tokenizer) = (template, tokenizer);
        Identity = $"{template.Hash[..16]} {VocabularyHash.Of(tokenizer)[..16]}";
    }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Encode(string systemMessage, string prompt, string answer) =>
        template.Lesson(tokenizer, systemMessage, prompt, answer);

    // A template that leaves the system message out, or refuses it, would teach the student something else than was meant.
    private static void RequireSystemMessage(PromptTemplate template, ITokenizer tokenizer)
    {
        string fault;
        try
        {
            fault = template.Prompt(tokenizer, "Be brief.", "Why?").SequenceEqual(template.Prompt(tokenizer, "", "Why?"))
                ? "leaves system messages out"
                : "";
        }
        catch (PromptException refusal)
        {
            fault = $"refuses a lesson with a system message (its messages {refusal.Message})";
        }

        if (fault.Length > 0)
        {
            throw new ModelFormatException(
                $"The student's chat template, {template.Description}, {fault}, but every lesson has one; put a chat_template.jinja with "
                    + "a place for it into the student's folder.");
        }
    }
}
