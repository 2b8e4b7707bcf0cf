using System.Collections.Immutable;

namespace Orca.Serving.Requests;

/// <summary>A prompt and how to continue it.</summary>
public sealed record GenerationRequest
{
    /// <summary>
    /// Names the request for <see cref="Engine.InferenceEngine.Cancel"/> and the logs; at most 128 characters. Empty: the engine makes
    /// one.
    /// </summary>
    public string RequestId { get; init; } = "";

    /// <summary>What to continue.</summary>
    public required PromptInput Prompt { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>When the answer ends.</summary>
    public StoppingOptions Stopping { get; init; } = new();

    /// <summary>What is told beside the text.</summary>
    public OutputOptions Output { get; init; } = new();

    /// <summary>Its place among those who wait.</summary>
    public SchedulingOptions Scheduling { get; init; } = new();

    /// <summary>Which weights answer.</summary>
    public WeightPolicy Weights { get; init; } = new();

    /// <summary>What form the answer has.</summary>
    public ResponseFormat Format { get; init; } = ResponseFormat.AnyText;

    /// <summary>Requests share cached prompts only with those of the same caller and salt; at most 128 characters.</summary>
    public string CacheSalt { get; init; } = "";

    /// <summary>Whether the prompt is scored and nothing is drawn.</summary>
    internal bool OnlyScores { get; init; }

    /// <summary>The prompt's tokens, where they are known before the request is enqueued; null where not.</summary>
    internal EncodedPrompt? Encoded { get; init; }

    /// <summary>
    /// Whether its answers show how the student itself answers: no bias, penalty or form of the request's pushes tokens, and
    /// the student alone says where an answer ends.
    /// </summary>
    internal bool LeavesAnswersToStudent =>
        Sampling is { Temperature: <= 1, RepetitionPenalty: 1, PresencePenalty: 0, FrequencyPenalty: 0, LogitBias.IsEmpty: true }
        && Stopping is { MinTokens: 0, IgnoreEos: false, StopStrings.IsEmpty: true, StopTokenIds.IsEmpty: true }
        && Format is ResponseFormat.Text;
}

/// <summary>
/// How a token is drawn from the student's distribution: penalties and bias on the logits, then temperature, then top-k,
/// then top-p, then min-p.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Takes the likeliest token, always.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits; 0 to 100. 0 takes the likeliest token and leaves top-k, top-p and min-p without effect.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the likeliest tokens whose probabilities first sum to this; above 0, to 1.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps this many of the likeliest tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the tokens at least this often as likely as the likeliest; 0 (all) to 1.</summary>
    public float MinP { get; init; }

    /// <summary>
    /// Divides positive and multiplies negative logits of tokens that prompt or answer hold; 0.01 to 10. 1 has no effect.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted from the logits of tokens the answer holds; -2 to 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from a token's logit for each time the answer holds it; -2 to 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of these tokens; -100 to 100 each, at most 1,024 of them.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    /// <summary>
    /// Seed of the draws; null takes a new one. Each draw depends on the seed, the sample and the token's place in the answer alone.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Answers to the same prompt, each drawn for itself; 1 to 64.</summary>
    public int SampleCount { get; init; } = 1;

    /// <summary>
    /// Computes this request's rows the same way whoever shares the batch, so that the same request gives the same text to the bit.
    /// </summary>
    public bool Deterministic { get; init; }
}

/// <summary>When an answer ends. It always ends where the context is full.</summary>
public sealed record StoppingOptions
{
    /// <summary>Tokens to generate at most, 1 or more; null: what the context has room for.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// Tokens before which no end token and no stop token can be drawn; 0 or more. No effect beside a JSON form, which says itself
    /// where it ends.
    /// </summary>
    public int MinTokens { get; init; }

    /// <summary>Texts that end the answer; at most 16, of 1 to 256 characters.</summary>
    public ImmutableArray<string> StopStrings { get; init; } = [];

    /// <summary>Tokens that end the answer beside the student's own; at most 64.</summary>
    public ImmutableArray<int> StopTokenIds { get; init; } = [];

    /// <summary>Goes on past the student's own end tokens.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>Leaves the stop string that was found in the text.</summary>
    public bool IncludeStop { get; init; }
}

/// <summary>What is told beside the text.</summary>
public sealed record OutputOptions
{
    /// <summary>The logarithm of the probability of every token of the answer, before penalties, temperature and cuts.</summary>
    public bool Logprobs { get; init; }

    /// <summary>The likeliest tokens beside each, with theirs; 0 to 20.</summary>
    public int TopLogprobs { get; init; }

    /// <summary>The same for every token of the prompt after its first.</summary>
    public bool PromptLogprobs { get; init; }

    /// <summary>Begins the text with the prompt's own.</summary>
    public bool Echo { get; init; }
}

/// <summary>A request's place among those who wait.</summary>
public sealed record SchedulingOptions
{
    /// <summary>Which of a tenant's requests go first, and whose blocks are given up last; whoever waits long rises.</summary>
    public Priority Priority { get; init; } = Priority.Normal;

    /// <summary>
    /// Name of the key or certificate it came with, which the caller cannot choose; empty where none is asked for. Callers
    /// share the engine fairly; one's requests, their names and what it leaves in the cache are nothing to another.
    /// </summary>
    public string Caller { get; init; } = "";

    /// <summary>Whose request it is among its caller's: tenants share what their caller has fairly. At most 64 characters.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Refused, or ended, where it has not begun after this long; null: it waits.</summary>
    public TimeSpan? MaxQueueTime { get; init; }

    /// <summary>When its caller gives up; null: never. A request that cannot be done by then is refused at once.</summary>
    public DateTimeOffset? Deadline { get; init; }
}

/// <summary>How urgent a request is.</summary>
public enum Priority
{
    /// <summary>When nobody else waits.</summary>
    Low,

    /// <summary>The ordinary kind.</summary>
    Normal,

    /// <summary>Before the ordinary kind.</summary>
    High,
}

/// <summary>Which weights answer a request.</summary>
public sealed record WeightPolicy
{
    /// <summary>This version alone; null: the one that traffic goes to.</summary>
    public long? PinVersion { get; init; }

    /// <summary>No version below this.</summary>
    public long MinVersion { get; init; }

    /// <summary>What becomes of it when another version takes over while it runs.</summary>
    public OnUpdate OnUpdate { get; init; } = OnUpdate.Pin;
}

/// <summary>What becomes of a running request when another version takes over.</summary>
public enum OnUpdate
{
    /// <summary>It finishes on the version it began on.</summary>
    Pin,

    /// <summary>It goes on with the new weights and the keys and values it has.</summary>
    Follow,

    /// <summary>It goes on with the new weights, over keys and values computed again by them.</summary>
    Recompute,

    /// <summary>It ends there, with what it has.</summary>
    Abort,
}
