using System.Collections.Immutable;

namespace Orca.Serving.Requests;

/// <summary>A prompt and how to continue it.</summary>
public sealed record GenerationRequest
{
    /// <summary>Names the request for <see cref="Engine.InferenceEngine.Cancel"/> and the logs; at most 128 characters. Empty: the engine makes one.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>What to continue.</summary>
    public required PromptInput Prompt { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>When the answer ends.</summary>
    public StoppingOptions Stopping { get; init; } = new();
}

/// <summary>How a token is drawn from the student's distribution: temperature first, then top-k, then top-p.</summary>
public sealed record SamplingOptions
{
    /// <summary>Takes the likeliest token, always.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits; 0 to 100. 0 takes the likeliest token and leaves the rest without effect.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the likeliest tokens whose probabilities first sum to this; above 0, to 1.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps this many of the likeliest tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Seed of the draws; null takes a new one. Each draw depends on the seed and the token's place in the answer alone.</summary>
    public ulong? Seed { get; init; }
}

/// <summary>When an answer ends. It always ends where the context is full.</summary>
public sealed record StoppingOptions
{
    /// <summary>Tokens to generate at most, 1 or more; null: what the context has room for.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end the answer and are not part of it; at most 16, of 1 to 256 characters.</summary>
    public ImmutableArray<string> StopStrings { get; init; } = [];

    /// <summary>Tokens that end the answer beside the student's own; at most 64.</summary>
    public ImmutableArray<int> StopTokenIds { get; init; } = [];

    /// <summary>Goes on past the student's own end tokens.</summary>
    public bool IgnoreEos { get; init; }
}
