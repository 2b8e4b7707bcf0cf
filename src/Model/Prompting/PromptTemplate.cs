using System.Collections.Immutable;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>
/// How a conversation becomes token ids, the same for training and for serving: a template in Jinja that came with the model
/// (<see cref="ChatTemplate"/>), or one of Orca's own (<see cref="SectionTemplate"/>). Immutable and safe to use from several threads.
/// </summary>
public abstract record PromptTemplate
{
    /// <summary>The file of a checkpoint that holds a template of Orca's own.</summary>
    public const string FileName = "prompt_template.json";

    /// <summary>What the template is called.</summary>
    public abstract string Name { get; }

    /// <summary>Where it is from: a file's name, or what it was chosen by.</summary>
    public string Source { get; init; } = "built in";

    /// <summary>Whether the model says nothing of its prompts, so that this one was guessed from its vocabulary.</summary>
    public bool IsGuess { get; init; }

    /// <summary>SHA-256 of the template, in lower-case hexadecimal digits. Stable across processes and versions.</summary>
    public abstract string Hash { get; }

    /// <summary>How a person is told of it.</summary>
    public string Description => IsGuess
        ? $"'{Name}', guessed from the vocabulary; the model has no chat template of its own"
        : $"'{Name}' of {Source}";

    /// <summary>
    /// The template of Orca's own that suits a vocabulary, told by its special tokens: see <see cref="PromptTemplates"/>.
    /// </summary>
    public static PromptTemplate For(ITokenizer tokenizer) =>
        PromptTemplates.For(tokenizer) with { Source = "the vocabulary's special tokens", IsGuess = true };

    /// <summary>
    /// The template of a model's folder: its <see cref="FileName"/>, where Orca wrote one; else the chat template it came with;
    /// else the one for its vocabulary.
    /// </summary>
    /// <exception cref="ModelFormatException">
    /// A file is malformed, names a special token that the tokenizer does not have, or holds a template that uses something unknown.
    /// </exception>
    public static PromptTemplate Open(string folder, ITokenizer tokenizer)
    {
        var path = Path.Combine(folder, FileName);
        var template = File.Exists(path) ? SectionTemplate.Read(path) : ChatTemplateFiles.Open(folder, tokenizer) ?? For(tokenizer);
        template.Require(tokenizer);
        return template;
    }

    /// <summary>Writes the template into a folder, from which <see cref="Open"/> gives it again.</summary>
    public abstract void Save(string folder);

    /// <summary>Ids of a prompt, up to where the answer begins.</summary>
    /// <exception cref="PromptException">The conversation has no form in this template.</exception>
    public abstract ImmutableArray<int> Prompt(ITokenizer tokenizer, Conversation conversation);

    /// <summary>Ids of a question, up to where the answer begins.</summary>
    /// <exception cref="PromptException">It has no form in this template.</exception>
    public ImmutableArray<int> Prompt(ITokenizer tokenizer, string systemMessage, string user) =>
        Prompt(tokenizer, Conversation.Of(systemMessage, user));

    /// <summary>Ids of a question after others, up to where the answer begins.</summary>
    /// <exception cref="PromptException">It has no form in this template.</exception>
    public ImmutableArray<int> Prompt(ITokenizer tokenizer, string systemMessage, ImmutableArray<Turn> earlier, string user) =>
        Prompt(tokenizer, Conversation.Of(systemMessage, earlier, user));

    /// <summary>
    /// A question as <see cref="Prompt(ITokenizer, Conversation)"/> gives it, and what the student learns to give after it: its
    /// answer, with the token that ends it last.
    /// </summary>
    /// <exception cref="PromptException">It has no form in this template.</exception>
    public abstract (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Lesson(
        ITokenizer tokenizer, string systemMessage, string user, string answer);

    /// <summary>The ids that end an answer when the model gives them: the template's, and the tokenizer's own end token.</summary>
    public abstract ImmutableArray<int> StopIds(ITokenizer tokenizer);

    /// <summary>Begins to decode the answer to a prompt.</summary>
    /// <param name="tokenizer">The student's.</param>
    /// <param name="conversation">What the prompt was made of.</param>
    /// <param name="prompt">The prompt.</param>
    public abstract StreamingDecoder StartAnswer(ITokenizer tokenizer, Conversation conversation, ReadOnlySpan<int> prompt);

    /// <summary>Makes sure that a tokenizer has every special token the template cannot do without.</summary>
    /// <exception cref="ModelFormatException">It lacks one.</exception>
    public abstract void Require(ITokenizer tokenizer);
}
