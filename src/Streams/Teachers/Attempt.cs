using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers;

/// <summary>One call of an endpoint, as it ended.</summary>
/// <param name="Kind">What became of it.</param>
public sealed record Attempt(AttemptKind Kind)
{
    /// <summary>The answer's text; empty where there is none.</summary>
    public string Text { get; init; } = "";

    /// <summary>What the model thought before it answered; empty where it does not say.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>Tokens of the prompt as the endpoint counted them; 0 where it does not say.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the answer likewise, its reasoning included.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>Why the answer ended.</summary>
    public TeacherFinish Finish { get; init; } = TeacherFinish.Unknown;

    /// <summary>What the fault concerns; null where there is an answer, which is paid for and kept, whatever it is worth.</summary>
    public TeacherFault? Fault { get; init; }

    /// <summary>What went wrong, as the rest of a sentence about the endpoint.</summary>
    public string Message { get; init; } = "";

    /// <summary>The pause that the endpoint asks for; null where it says nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What the endpoint says of its quotas.</summary>
    public RateLimits Limits { get; init; } = RateLimits.None;

    /// <summary>Whether the endpoint said anything at all.</summary>
    public bool IsReached { get; init; } = true;

    /// <summary>Whether a reply may have been made, and charged for, that did not come, or not whole.</summary>
    public bool IsLost { get; init; }

    /// <summary>Time from the request to the reply's last byte, without any pause.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>What was thrown.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The answer of an endpoint, as it is stored and judged.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="endpoint">Where.</param>
    /// <param name="cost">Its price in US dollars; null counts as nothing.</param>
    /// <param name="number">The call's number in the ledger; 0 where there is none.</param>
    internal Trace ToTrace(TeacherRequest request, EndpointOptions endpoint, decimal? cost, long number) => new()
    {
        Request = request,
        Response = Text,
        Reasoning = Reasoning,
        Finish = Finish,
        Teacher = endpoint.Model,
        Endpoint = endpoint.Name,
        PromptTokens = PromptTokens,
        CompletionTokens = CompletionTokens,
        Cost = cost ?? 0,
        Latency = Latency,
        Attempt = number == 0 ? null : number,
    };

    /// <summary>A body that is no chat completion. Asked again it may be one.</summary>
    internal static Attempt Malformed(string what, Exception? exception = null) => new(AttemptKind.Malformed)
    {
        Fault = TeacherFault.Temporary,
        Message = $"answered with something that is no chat completion ({what})",
        IsLost = true,
        Exception = exception,
    };
}
