using System.Collections.Immutable;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Requests;

/// <summary>
/// What a request's caller is told, in order: one <see cref="Accepted"/>, any number of <see cref="Delta"/>, and one
/// <see cref="Finished"/> for each sample.
/// </summary>
public abstract record GenerationEvent
{
    private GenerationEvent()
    {
    }

    /// <summary>The request has its place in the batch.</summary>
    /// <param name="RequestId">Its name.</param>
    /// <param name="Version">The version it is bound to.</param>
    /// <param name="PromptTokens">Tokens of its prompt.</param>
    /// <param name="QueueTime">Time it waited.</param>
    public sealed record Accepted(string RequestId, long Version, int PromptTokens, TimeSpan QueueTime) : GenerationEvent
    {
        /// <summary>Tokens of the prompt that were found in the prefix cache.</summary>
        public int CachedPromptTokens { get; init; }

        /// <summary>What the answer's tokens are in: that of the version, whichever answers when it is read.</summary>
        internal StudentLanguage? Language { get; init; }
    }

    /// <summary>More of an answer.</summary>
    /// <param name="Text">Text that is final; empty while it may be the beginning of a stop string, or is part of a character.</param>
    /// <param name="Tokens">Tokens made since the last delta.</param>
    /// <param name="Version">The version that made them.</param>
    /// <param name="FirstTokenIndex">Position of the first of them in the answer, from 0.</param>
    public sealed record Delta(string Text, ImmutableArray<int> Tokens, long Version, int FirstTokenIndex) : GenerationEvent
    {
        /// <summary>Which of the samples, from 0.</summary>
        public int Sample { get; init; }

        /// <summary>One for each token, where they were asked for; else empty.</summary>
        public ImmutableArray<TokenLogprob> Logprobs { get; init; } = [];
    }

    /// <summary>An answer has ended.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="StopString">The stop string found; null for other reasons.</param>
    /// <param name="StopToken">The token that ended it; null for other reasons.</param>
    /// <param name="PromptTokens">Tokens of the prompt.</param>
    /// <param name="CompletionTokens">Tokens generated, a stop token included.</param>
    public sealed record Finished(EndReason Reason, string? StopString, int? StopToken, int PromptTokens, int CompletionTokens)
        : GenerationEvent
    {
        /// <summary>Which of the samples, from 0.</summary>
        public int Sample { get; init; }

        /// <summary>Tokens of the prompt that were found in the prefix cache.</summary>
        public int CachedPromptTokens { get; init; }

        /// <summary>Tokens computed again: after a preemption, or because the policy is <see cref="OnUpdate.Recompute"/>.</summary>
        public int RecomputedTokens { get; init; }

        /// <summary>Which version made which tokens of the answer, in order.</summary>
        public ImmutableArray<VersionSpan> VersionSpans { get; init; } = [];

        /// <summary>The oldest version whose keys and values the last token saw.</summary>
        public long OldestCacheVersion { get; init; }

        /// <summary>Where the time went.</summary>
        public RequestTimings Timings { get; init; } = new();

        /// <summary>One for each token of the prompt after its first, where they were asked for; else empty.</summary>
        public ImmutableArray<TokenLogprob> PromptLogprobs { get; init; } = [];
    }
}

/// <summary>How likely a token was.</summary>
/// <param name="Token">The token.</param>
/// <param name="Logprob">Natural logarithm of its probability.</param>
/// <param name="Top">The likeliest tokens in its place, likeliest first, as many as were asked for.</param>
public readonly record struct TokenLogprob(int Token, float Logprob, ImmutableArray<(int Token, float Logprob)> Top);

/// <summary>Consecutive tokens of an answer that one version made.</summary>
/// <param name="Version">The version.</param>
/// <param name="FirstToken">Position of the first in the answer, from 0.</param>
/// <param name="Count">How many.</param>
public readonly record struct VersionSpan(long Version, int FirstToken, int Count);

/// <summary>Where a request's time went.</summary>
public sealed record RequestTimings
{
    /// <summary>Until it had its place.</summary>
    public TimeSpan Queue { get; init; }

    /// <summary>From there until its prompt was computed.</summary>
    public TimeSpan Prefill { get; init; }

    /// <summary>From its arrival until its first token.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>From the first token to the last.</summary>
    public TimeSpan Decode { get; init; }

    /// <summary>From its arrival to its end.</summary>
    public TimeSpan Total { get; init; }

    /// <summary>Times it lost its place to others and had to be computed again.</summary>
    public int Preemptions { get; init; }
}

/// <summary>Why an answer ended.</summary>
public enum EndReason
{
    /// <summary>A stop string appeared.</summary>
    StopString,

    /// <summary>A token of <see cref="StoppingOptions.StopTokenIds"/> was drawn.</summary>
    StopToken,

    /// <summary>One of the student's own end tokens was drawn, or the form asked for is complete.</summary>
    EndOfText,

    /// <summary>The token limit was reached, or the context is full.</summary>
    Length,

    /// <summary>Another caller named it to be ended.</summary>
    Cancelled,

    /// <summary>Another version took over, and its policy is <see cref="OnUpdate.Abort"/>.</summary>
    WeightsUpdated,
}

/// <summary>A whole answer: the first sample's.</summary>
public sealed record Generation
{
    /// <summary>The request's name.</summary>
    public required string RequestId { get; init; }

    /// <summary>The text, without the stop text or stop token.</summary>
    public required string Text { get; init; }

    /// <summary>Its tokens, a stop token included.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>The version it began on.</summary>
    public required long Version { get; init; }

    /// <summary>How it ended.</summary>
    public required GenerationEvent.Finished End { get; init; }

    /// <summary>One for each token, where they were asked for; else empty.</summary>
    public ImmutableArray<TokenLogprob> Logprobs { get; init; } = [];
}
