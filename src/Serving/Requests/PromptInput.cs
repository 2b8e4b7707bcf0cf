using System.Collections.Immutable;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Model.Tokenization.Unicode;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Requests;

/// <summary>What a student is given to continue.</summary>
public abstract record PromptInput
{
    private PromptInput()
    {
    }

    /// <summary>The start token alone.</summary>
    public static PromptInput StartToken { get; } = new PlainText("");

    /// <summary>Its tokens in a student's language.</summary>
    internal abstract ImmutableArray<int> Encode(StudentLanguage language);

    /// <summary>Characters of its texts.</summary>
    internal virtual long Characters => 0;

    /// <summary>Its tokens in a student's language, and which of them are scored where it is.</summary>
    /// <exception cref="GenerationException">The tokenizer's rules take too long on its text.</exception>
    internal EncodedPrompt EncodeAll(StudentLanguage language)
    {
        try
        {
            return EncodeParts(language);
        }
        catch (TextPatternException fault)
        {
            throw GenerationException.Invalid("input", $"cannot be encoded: {fault.Message}");
        }
    }

    private protected virtual EncodedPrompt EncodeParts(StudentLanguage language) => new(language.Identity, Encode(language));

    /// <summary>A decoder that stands where the answer begins.</summary>
    internal abstract StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt);

    /// <summary>
    /// Plain text, continued as it stands after what the tokenizer's own rules put before a text, without the prompt template.
    /// Nothing at all is continued after the start token.
    /// </summary>
    /// <param name="Value">May be empty.</param>
    public sealed record PlainText(string Value) : PromptInput
    {
        internal override long Characters => Value.Length;

        internal override ImmutableArray<int> Encode(StudentLanguage language)
        {
            var tokens = language.Tokenizer.StartIds.AddRange(language.Tokenizer.Encode(Value));
            return tokens.IsEmpty && language.Tokenizer.BosId is { } start ? [start] : tokens;
        }

        internal override StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt) =>
            language.Tokenizer.StartDecoding(prompt.AsSpan());
    }

    /// <summary>Tokens, taken as they are: no start token is added.</summary>
    /// <param name="Ids">At least one.</param>
    public sealed record Tokens(ImmutableArray<int> Ids) : PromptInput
    {
        internal override ImmutableArray<int> Encode(StudentLanguage language) => Ids;

        internal override StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt) =>
            language.Tokenizer.StartDecoding(prompt.AsSpan());
    }

    /// <summary>A conversation in the student's prompt template.</summary>
    /// <param name="Conversation">What was said.</param>
    public sealed record Chat(Conversation Conversation) : PromptInput
    {
        /// <summary>A question.</summary>
        /// <param name="systemMessage">Says how to answer; empty for none.</param>
        /// <param name="userMessage">The question.</param>
        public Chat(string systemMessage, string userMessage) : this(Conversation.Of(systemMessage, userMessage))
        {
        }

        internal override long Characters => Conversation.Characters;

        internal override ImmutableArray<int> Encode(StudentLanguage language)
        {
            try
            {
                return language.Template.Prompt(language.Tokenizer, Conversation);
            }
            catch (PromptException refusal)
            {
                throw GenerationException.Invalid("messages", refusal.Message);
            }
        }

        internal override StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt) =>
            language.Template.StartAnswer(language.Tokenizer, Conversation, prompt.AsSpan());
    }

    /// <summary>A prompt and what is scored after it.</summary>
    internal sealed record Scored(PromptInput Before, ScoreTarget Target) : PromptInput
    {
        internal override long Characters => Before.Characters + Target.Characters;

        internal override ImmutableArray<int> Encode(StudentLanguage language) => EncodeParts(language).Tokens;

        private protected override EncodedPrompt EncodeParts(StudentLanguage language)
        {
            var before = Before.Encode(language);
            return new EncodedPrompt(language.Identity, [.. before, .. Target.Encode(language)], Math.Max(1, before.Length));
        }

        internal override StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt) =>
            language.Tokenizer.StartDecoding(prompt.AsSpan());
    }
}
