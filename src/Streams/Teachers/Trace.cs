using Orca.Streams.Answers;

namespace Orca.Streams.Teachers;

/// <summary>A teacher's answer, as it came.</summary>
public sealed record Trace
{
    /// <summary>What was asked.</summary>
    public required TeacherRequest Request { get; init; }

    /// <summary>The answer's text, without <see cref="Reasoning"/>.</summary>
    public required string Response { get; init; }

    /// <summary>
    /// What the teacher thought before it answered, from a field of its own or from tags; empty where it does not say. No part of the
    /// answer: screens do not judge it.
    /// </summary>
    public string Reasoning { get; init; } = "";

    /// <summary>What a judge said of it, where the words alone do not tell whether it is right; null where none was asked.</summary>
    public AnswerVerdict? Judgement { get; init; }

    /// <summary>Why the teacher stopped.</summary>
    public required TeacherFinish Finish { get; init; }

    /// <summary>Name of the teacher (and model) that answered.</summary>
    public required string Teacher { get; init; }

    /// <summary>Name of the endpoint that answered; null for teachers that are none.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Tokens of the prompt as the teacher counted them; 0 where it does not say.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the answer as the teacher counted them; 0 where it does not say.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>Price of the call in US dollars; 0 for free teachers.</summary>
    public decimal Cost { get; init; }

    /// <summary>Time from request to full answer, without any pause.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The call's number in the ledger that the answer was stored with; null where it is not stored yet.</summary>
    public long? Attempt { get; init; }
}

/// <summary>Why a teacher's answer ended.</summary>
public enum TeacherFinish
{
    /// <summary>It said all it had to say.</summary>
    Stop,

    /// <summary>It ran into its token limit: the answer is cut.</summary>
    Length,

    /// <summary>The endpoint's content filter withheld it.</summary>
    Filtered,

    /// <summary>The stream ended without saying why: treat as cut.</summary>
    Unknown,
}
