using System.Collections.Immutable;

namespace Orca.Serving.Requests;

/// <summary>What a request's caller is told, in order: one <see cref="Accepted"/>, any number of <see cref="Delta"/>, one <see cref="Finished"/>.</summary>
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
    public sealed record Accepted(string RequestId, long Version, int PromptTokens, TimeSpan QueueTime) : GenerationEvent;

    /// <summary>More of the answer.</summary>
    /// <param name="Text">Text that is final; empty while it may be the beginning of a stop string, or is part of a character.</param>
    /// <param name="Tokens">Tokens made since the last delta.</param>
    /// <param name="Version">The version that made them.</param>
    /// <param name="FirstTokenIndex">Position of the first of them in the answer, from 0.</param>
    public sealed record Delta(string Text, ImmutableArray<int> Tokens, long Version, int FirstTokenIndex) : GenerationEvent;

    /// <summary>The answer has ended.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="StopString">The stop string found; null for other reasons.</param>
    /// <param name="StopToken">The token that ended it; null for other reasons.</param>
    /// <param name="PromptTokens">Tokens of the prompt.</param>
    /// <param name="CompletionTokens">Tokens generated, a stop token included.</param>
    public sealed record Finished(EndReason Reason, string? StopString, int? StopToken, int PromptTokens, int CompletionTokens)
        : GenerationEvent;
}

/// <summary>Why an answer ended.</summary>
public enum EndReason
{
    /// <summary>A stop string appeared.</summary>
    StopString,

    /// <summary>A token of <see cref="StoppingOptions.StopTokenIds"/> was drawn.</summary>
    StopToken,

    /// <summary>One of the student's own end tokens was drawn.</summary>
    EndOfText,

    /// <summary>The token limit was reached, or the context is full.</summary>
    Length,

    /// <summary>Another caller named it to be ended.</summary>
    Cancelled,
}

/// <summary>A whole answer.</summary>
public sealed record Generation
{
    /// <summary>The request's name.</summary>
    public required string RequestId { get; init; }

    /// <summary>The text, without the stop text or stop token.</summary>
    public required string Text { get; init; }

    /// <summary>Its tokens, a stop token included.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>The version that made them.</summary>
    public required long Version { get; init; }

    /// <summary>How it ended.</summary>
    public required GenerationEvent.Finished End { get; init; }
}
