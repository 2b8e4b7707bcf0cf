using Orca.Streams.Tasks;

namespace Orca.Streams.Teachers;

/// <summary>Somebody who answers questions: an endpoint, a recording, a solver.</summary>
public interface ITeacher
{
    /// <summary>Name that traces carry.</summary>
    string Name { get; }

    /// <summary>Whether the same request always gets the same answer; the order of the lessons then depends on the tasks alone.</summary>
    bool IsDeterministic => false;

    /// <summary>Answers one request.</summary>
    /// <exception cref="TeacherException">The teacher failed after its retries; the request may be asked again later.</exception>
    Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken);
}

/// <summary>A question put to a teacher.</summary>
public sealed record TeacherRequest
{
    /// <summary>The question.</summary>
    public required TaskQuery Query { get; init; }

    /// <summary>The system message chosen for it; may be empty.</summary>
    public required string SystemMessage { get; init; }

    /// <summary>The curriculum stage it is asked for (<c>assistant</c>, <c>expert</c>).</summary>
    public required string Stage { get; init; }

    /// <summary>Identity of the request: one answer is stored for each. Derived from query, stage and system message.</summary>
    public string Id => TaskQuery.IdOf(Stage, Query.Id, SystemMessage, null);
}

/// <summary>A teacher's answer, as it came.</summary>
public sealed record Trace
{
    /// <summary>What was asked.</summary>
    public required TeacherRequest Request { get; init; }

    /// <summary>The answer's text.</summary>
    public required string Response { get; init; }

    /// <summary>Why the teacher stopped.</summary>
    public required TeacherFinish Finish { get; init; }

    /// <summary>Name of the teacher (and model) that answered.</summary>
    public required string Teacher { get; init; }

    /// <summary>Tokens of the prompt as the teacher counted them; 0 where it does not say.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the answer as the teacher counted them; 0 where it does not say.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>Price of the call in US dollars; 0 for free teachers.</summary>
    public decimal Cost { get; init; }

    /// <summary>Time from request to full answer.</summary>
    public TimeSpan Latency { get; init; }
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

/// <summary>A teacher could not answer; the message names the teacher and the remedy.</summary>
public sealed class TeacherException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What is at fault, and so whether asking again can help.</summary>
    public TeacherFault Fault { get; init; } = TeacherFault.Temporary;
}

/// <summary>What is at fault when a teacher fails.</summary>
public enum TeacherFault
{
    /// <summary>The endpoint or the way to it, for now: the same request may be answered later.</summary>
    Temporary,

    /// <summary>This request: it can never be answered, others can.</summary>
    Request,

    /// <summary>The settings (key, model, address): nothing is answered until they change.</summary>
    Settings,
}
