namespace Orca.Streams.Teachers;

/// <summary>What became of one call of an endpoint. Whatever status and body come back, it is one of these.</summary>
public enum AttemptKind
{
    /// <summary>A whole answer.</summary>
    Answered,

    /// <summary>An answer that ran into its limit of tokens.</summary>
    Truncated,

    /// <summary>The model said that it will not answer.</summary>
    Refused,

    /// <summary>The endpoint's filter withheld the answer.</summary>
    Filtered,

    /// <summary>An answer without a visible character.</summary>
    Empty,

    /// <summary>A call of a tool in place of an answer.</summary>
    ToolCall,

    /// <summary>A body that is no chat completion, or is cut.</summary>
    Malformed,

    /// <summary>The endpoint does not take the request: its parameters, its length, its content.</summary>
    RejectedRequest,

    /// <summary>The account has nothing left to pay with.</summary>
    NoCredit,

    /// <summary>The key is wrong or may not do this.</summary>
    NoPermission,

    /// <summary>More was asked than the endpoint allows in a time.</summary>
    Throttled,

    /// <summary>The endpoint is broken, busy or out of reach.</summary>
    Broken,

    /// <summary>No answer came within its time.</summary>
    TimedOut,
}
