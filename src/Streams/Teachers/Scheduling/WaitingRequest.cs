namespace Orca.Streams.Teachers.Scheduling;

/// <summary>A request on its way through the scheduler: where it may go, and what became of it so far. Guarded by the scheduler.</summary>
/// <param name="request">What is asked.</param>
/// <param name="endpoints">Where it may be asked.</param>
internal sealed class WaitingRequest(TeacherRequest request, IReadOnlyList<EndpointState> endpoints)
{
    private readonly HashSet<EndpointState> excluded = [];

    public TeacherRequest Request { get; } = request;

    /// <summary>Where it may still be asked.</summary>
    public IEnumerable<EndpointState> Endpoints => endpoints.Where(endpoint => endpoint.Stopped is null && !excluded.Contains(endpoint));

    /// <summary>Why one of its endpoints is stopped; null where none is.</summary>
    public TeacherException? StoppedBy => endpoints.FirstOrDefault(endpoint => endpoint.Stopped is not null)?.Stopped;

    /// <summary>Complete when there is room for it at an endpoint, or none is left.</summary>
    public TaskCompletionSource<Call> Turn { get; private set; } = NewTurn();

    /// <summary>Its place among those that wait; null where it is not among them.</summary>
    public LinkedListNode<WaitingRequest>? Place { get; set; }

    /// <summary>Calls made.</summary>
    public int Calls { get; set; }

    /// <summary>Calls that failed, throttled ones not counted.</summary>
    public int Failures { get; set; }

    /// <summary>Calls that were throttled and told to come back at once.</summary>
    public int Throttled { get; set; }

    /// <summary>When the first of <see cref="Failures"/> did.</summary>
    public TimeSpan FirstFailure { get; set; }

    /// <summary>Whether it waits for a moment.</summary>
    public bool IsLater { get; set; }

    public void Exclude(EndpointState endpoint) => excluded.Add(endpoint);

    public void WaitAgain() => Turn = NewTurn();

    // Continuations elsewhere: the scheduler completes turns under its lock.
    private static TaskCompletionSource<Call> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
