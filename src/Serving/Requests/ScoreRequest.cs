using System.Collections.Immutable;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Requests;

/// <summary>Asks how likely tokens are.</summary>
public sealed record ScoreRequest
{
    /// <summary>
    /// Names the request for <see cref="Engine.InferenceEngine.Cancel"/> and the logs; at most 128 characters. Empty: the engine makes
    /// one.
    /// </summary>
    public string RequestId { get; init; } = "";

    /// <summary>What stands before what is scored.</summary>
    public required PromptInput Prompt { get; init; }

    /// <summary>What is scored; null: the prompt's own tokens after its first.</summary>
    public ScoreTarget? Target { get; init; }

    /// <summary>The likeliest tokens in each one's place; 0 to 20.</summary>
    public int TopLogprobs { get; init; }

    /// <summary>Versions to score with, each loaded, at most 8; empty: the one that traffic goes to.</summary>
    public ImmutableArray<long> Versions { get; init; } = [];

    /// <summary>Its place among those who wait.</summary>
    public SchedulingOptions Scheduling { get; init; } = new();

    /// <summary>Requests share cached prompts only with those of the same caller and salt; at most 128 characters.</summary>
    public string CacheSalt { get; init; } = "";
}

/// <summary>What is scored after a prompt.</summary>
public abstract record ScoreTarget
{
    private ScoreTarget()
    {
    }

    /// <summary>Characters of its text.</summary>
    internal virtual long Characters => 0;

    /// <summary>Its tokens in a student's language.</summary>
    internal abstract ImmutableArray<int> Encode(StudentLanguage language);

    /// <summary>The tokens of a text, as an answer would have them, without an end token.</summary>
    /// <param name="Value">Not empty.</param>
    public sealed record Text(string Value) : ScoreTarget
    {
        internal override long Characters => Value.Length;

        internal override ImmutableArray<int> Encode(StudentLanguage language) => language.Tokenizer.Encode(Value);
    }

    /// <summary>Tokens, taken as they are.</summary>
    /// <param name="Ids">At least one.</param>
    public sealed record Tokens(ImmutableArray<int> Ids) : ScoreTarget
    {
        internal override ImmutableArray<int> Encode(StudentLanguage language) => Ids;
    }
}

/// <summary>How likely one version finds the tokens.</summary>
/// <param name="Version">The version.</param>
/// <param name="PromptTokens">Tokens that stood before the first scored one.</param>
/// <param name="Logprobs">One for each scored token.</param>
public sealed record VersionScore(long Version, int PromptTokens, ImmutableArray<TokenLogprob> Logprobs)
{
    /// <summary>What the tokens are in.</summary>
    internal StudentLanguage? Language { get; init; }

    /// <summary>Logarithm of the probability of all scored tokens together; 0 or less.</summary>
    public double TotalLogprob => Logprobs.Sum(token => (double)token.Logprob);
}
