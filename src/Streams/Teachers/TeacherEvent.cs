namespace Orca.Streams.Teachers;

/// <summary>Something that happens while endpoints are asked.</summary>
public abstract record TeacherEvent;

/// <summary>A call begins.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="Endpoint">Name of the endpoint.</param>
public sealed record CallBegan(TeacherRequest Request, string Endpoint) : TeacherEvent;

/// <summary>A call has ended.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Endpoint">Name of the endpoint.</param>
/// <param name="Attempt">How it ended.</param>
/// <param name="Message">What went wrong, one sentence; empty where there is an answer.</param>
/// <param name="AskAgainAfter">The pause until the request may be asked again; null where it is not.</param>
public sealed record CallEnded(
    TeacherRequest Request, string Endpoint, Attempt Attempt, string Message, TimeSpan? AskAgainAfter) : TeacherEvent;

/// <summary>Something that concerns no single request is put off: a batch's step that failed, or an endpoint that allows nothing.</summary>
/// <param name="Endpoint">Name of the endpoint.</param>
/// <param name="Message">Why, one sentence.</param>
/// <param name="Pause">For how long.</param>
public sealed record AskingPutOff(string Endpoint, string Message, TimeSpan Pause) : TeacherEvent;

/// <summary>An endpoint is not asked any more in this run.</summary>
/// <param name="Endpoint">Its name.</param>
/// <param name="Message">Why, and what helps.</param>
public sealed record EndpointStopped(string Endpoint, string Message) : TeacherEvent;
