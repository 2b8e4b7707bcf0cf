using System.Collections.Immutable;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
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

    /// <summary>Position of the first token that is scored where the prompt is: nothing comes before the first, so 1 at least.</summary>
    internal virtual int FirstScored(StudentLanguage language) => 1;

    /// <summary>A decoder that stands where the answer begins.</summary>
    internal abstract StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt);

    /// <summary>
    /// Plain text, continued as it stands after what the tokenizer's own rules put before a text, without the prompt template.
    /// Nothing at all is continued after the start token.
    /// </summary>
    /// <param name="Value">May be empty.</param>
    public sealed record PlainText(string Value) : PromptInput
    {
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

    /// <summary>A question in the student's prompt template.</summary>
    /// <param name="SystemMessage">Says how to answer; empty for none.</param>
    /// <param name="UserMessage">The question.</param>
    public sealed record Chat(string SystemMessage, string UserMessage) : PromptInput
    {
        /// <summary>Questions asked and answered before, oldest first.</summary>
        public ImmutableArray<Turn> EarlierTurns { get; init; } = [];

        internal override ImmutableArray<int> Encode(StudentLanguage language) =>
            EarlierTurns.IsEmpty || language.Template.HoldsTurns
                ? language.Template.Prompt(language.Tokenizer, SystemMessage, EarlierTurns, UserMessage)
                : throw GenerationException.Invalid(
                    "chat.earlier_turns", $"holds {EarlierTurns.Length}; this student's prompt template only continues a text and has no form for a conversation: put one question");

        internal override StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt) =>
            language.Template.StartAnswer(language.Tokenizer, prompt.AsSpan());
    }

    /// <summary>A prompt and what is scored after it.</summary>
    internal sealed record Scored(PromptInput Before, ScoreTarget Target) : PromptInput
    {
        internal override ImmutableArray<int> Encode(StudentLanguage language) => [.. Before.Encode(language), .. Target.Encode(language)];

        internal override int FirstScored(StudentLanguage language) => Math.Max(1, Before.Encode(language).Length);

        internal override StreamingDecoder StartAnswer(StudentLanguage language, ImmutableArray<int> prompt) =>
            language.Tokenizer.StartDecoding(prompt.AsSpan());
    }
}
