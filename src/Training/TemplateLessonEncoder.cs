using System.Collections.Immutable;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula;

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
        (this.template, this.tokenizer) = (template, tokenizer);
    }

    /// <inheritdoc/>
    public (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Encode(string systemMessage, string prompt, string answer) =>
        (template.Prompt(tokenizer, systemMessage, prompt), template.Answer(tokenizer, answer));
}
