using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// Asks several endpoints, each as fast as its quotas, its latency and its health allow, and asks again what failed in passing. A request
/// holds a place at an endpoint while its call is under way and at no other time. Any number of requests at once.
/// </summary>
/// <remarks>Each call is written to the ledger before it is made, and so is its end, before anybody hears of it.</remarks>
public sealed partial class RequestScheduler : IDisposable
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly ImmutableArray<EndpointState> states;
    private readonly SchedulerOptions options;
    private readonly IAttemptLedger ledger;
    private readonly TimeProvider time;
    private readonly long origin;
    private readonly WaitingLine line;
    private readonly ITimer timer;
    private readonly BackOff backOff;
    private TimeSpan due;
    private TimeSpan toldUntil;
    private readonly ISubject<TeacherEvent> events = Subject.Synchronize(new Subject<TeacherEvent>());

    /// <summary>A scheduler of these endpoints, which it owns.</summary>
    /// <param name="endpoints">The endpoints, each with a name of its own.</param>
    /// <param name="options">How patiently they are asked.</param>
    /// <param name="ledger">Where calls are written; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Numbers from 0 to 1, for pauses.</param>
    public RequestScheduler(
        IEnumerable<TeacherEndpoint> endpoints, SchedulerOptions? options = null, IAttemptLedger? ledger = null, TimeProvider? time = null,
        Func<double>? random = null)
    {
        Events = events.AsObservable();
        this.options = options ?? new SchedulerOptions();
        this.ledger = ledger ?? new NoLedger();
        this.time = time ?? TimeProvider.System;
        origin = this.time.GetTimestamp();
        backOff = new BackOff(this.options, random ?? Random.Shared.NextDouble);
        states = [.. endpoints.Select(endpoint => new EndpointState(endpoint, this.options, backOff))];
        line = new WaitingLine(states);
        timer = this.time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What happens, as it happens. Hot, one event at a time; listeners must be quick.</summary>
    public IObservable<TeacherEvent> Events { get; }

    /// <summary>Calls that are under way.</summary>
    public int InFlight
    {
        get
        {
            lock (gate)
            {
                return states.Sum(state => state.InFlight);
            }
        }
    }

    /// <summary>Requests that wait for a place, a quota or the end of a pause.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return line.Count + states.Sum(state => state.Refusals.Count);
            }
        }
    }

    /// <summary>
    /// The answer to a request from one of the endpoints named. Cancelled, a request that waits leaves at once; a call that is under way
    /// has <see cref="SchedulerOptions.FinishWithin"/> to end, and its answer is returned.
    /// </summary>
    /// <exception cref="TeacherException">It cannot be answered, or no endpoint is left that might.</exception>
    public async Task<Trace> AskAsync(TeacherRequest request, ImmutableArray<string> endpoints, CancellationToken cancellationToken)
    {
        var waiting = new WaitingRequest(request, [.. states.Where(state => endpoints.Contains(state.Name))]);
        Enter(waiting);
        while (true)
        {
            var call = await TurnAsync(waiting, cancellationToken);
            if (await CallAsync(waiting, call, cancellationToken) is { } answer)
            {
                return answer;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timer.Dispose();
        foreach (var state in states)
        {
            state.Endpoint.Dispose();
        }
    }

    private TimeSpan Now => time.GetElapsedTime(origin);

    private void Enter(WaitingRequest waiting)
    {
        lock (gate)
        {
            if (!waiting.Endpoints.Any())
            {
                throw waiting.StoppedBy
                    ?? new TeacherException("No endpoint is there to ask; name one.") { Fault = TeacherFault.Settings };
            }

            line.AddLast(waiting);
            Dispatch();
        }
    }

    private async Task<Call> TurnAsync(WaitingRequest waiting, CancellationToken cancellationToken)
    {
        try
        {
            return await waiting.Turn.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (gate)
            {
                line.Remove(waiting);
                foreach (var state in states)
                {
                    state.Refusals.Remove(waiting);
                }

                // Its turn came at the same moment.
                if (waiting.Turn.Task is { IsCompletedSuccessfully: true, Result: var call })
                {
                    call.Endpoint.Undo(Now, call);
                }

                Dispatch();
            }

            throw;
        }
    }

    // Null where the request waits again.
    private async Task<Trace?> CallAsync(WaitingRequest waiting, Call call, CancellationToken cancellationToken)
    {
        var (request, endpoint) = (waiting.Request, call.Endpoint.Endpoint);
        var isOver = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reservation = await ledger.ReserveAsync(IntentOf(waiting, endpoint.Options), cancellationToken);
            if (reservation.Exhausted is { } budget)
            {
                isOver = true;
                Tell(PutBack(waiting, call, budget, AttemptMessages.UsedUp(endpoint.Options, budget, reservation.Spent)));
                return null;
            }

            events.OnNext(new CallBegan(request, call.Endpoint.Name));
            using var ending = new CallEnding(cancellationToken, options.FinishWithin, time);
            var attempt = await endpoint.AskAsync(request, ending.Token);
            var cost = Price.Of(endpoint.Options, request, attempt);
            var answer = attempt.Fault is null ? attempt.ToTrace(request, endpoint.Options, cost, reservation.Attempt) : null;
            await ledger.SettleAsync(reservation.Attempt, attempt, cost, answer);
            isOver = true;
            var (ended, failure) = End(waiting, call, attempt);
            Tell(ended);
            return failure is null ? answer : throw failure;
        }
        finally
        {
            if (!isOver)
            {
                GiveBack(call);
            }
        }
    }

    private CallIntent IntentOf(WaitingRequest waiting, EndpointOptions endpoint) => new(
        waiting.Request.Id, waiting.Request.Stage, endpoint.Name, endpoint.Model, ++waiting.Calls, Price.Most(endpoint, waiting.Request));

    // The call was cancelled, or the store failed: whoever waits for the place is not to wait for ever.
    private void GiveBack(Call call)
    {
        lock (gate)
        {
            call.Endpoint.Undo(Now, call);
            Dispatch();
        }
    }

    // There is no room in a budget: there may be when a call that is under way turns out cheaper than it might have been.
    private List<TeacherEvent> PutBack(WaitingRequest waiting, Call call, Budget budget, string message)
    {
        var why = new TeacherException(message) { Fault = TeacherFault.Settings, SpentBudget = budget };
        var told = new List<TeacherEvent>();
        lock (gate)
        {
            call.Endpoint.Undo(Now, call);
            waiting.WaitAgain();
            if (states.Any(state => state.InFlight > 0))
            {
                line.AddFirst(waiting);
                call.Endpoint.IsOutOfBudget = true;
            }
            else
            {
                HaveRoomAgain();
                Refuse(waiting, call.Endpoint, budget, why, told);
            }

            Dispatch();
        }

        return told;
    }

    private (List<TeacherEvent> Told, TeacherException? Failure) End(WaitingRequest waiting, Call call, Attempt attempt)
    {
        var told = new List<TeacherEvent>();
        lock (gate)
        {
            var now = Now;
            var isGivenUp = call.Endpoint.End(now, call, waiting.Request, attempt);
            HaveRoomAgain();
            var message = AttemptMessages.Of(call.Endpoint.Endpoint.Options, attempt);
            var (failure, pause) = AfterCall(waiting, call, attempt, message, now, told);
            told.Insert(0, new CallEnded(waiting.Request, call.Endpoint.Name, attempt, message, pause));
            if (isGivenUp)
            {
                var givenUp = AttemptMessages.GivenUp(call.Endpoint.Endpoint.Options, attempt);
                Stop(call.Endpoint, new TeacherException(givenUp, attempt.Exception) { IsReached = attempt.IsReached }, told);
            }

            Dispatch();
            if (attempt.Fault is null)
            {
                TellOfLongWait(call.Endpoint, now, told);
            }

            return (told, failure);
        }
    }

    private void HaveRoomAgain()
    {
        foreach (var state in states)
        {
            state.IsOutOfBudget = false;
        }
    }

    private void Wake()
    {
        lock (gate)
        {
            Dispatch();
        }
    }

    // Gives as many requests their turn as may have it, in order, and sets the timer to when the next may.
    private void Dispatch()
    {
        var now = Now;
        var next = line.Start(now);
        foreach (var state in states.Where(state => state.Refusals.Count > 0 && state.InFlight == 0 && line.Count == 0))
        {
            var due = state.Refusals.Last + options.FirstPause * 5;
            if (due > now)
            {
                next = due < next ? due : next;
                continue;
            }

            // Nothing comes that could tell who is at fault.
            foreach (var (refused, refusal) in state.Refusals.All())
            {
                refused.Turn.TrySetException(new TeacherException(AttemptMessages.Of(state.Endpoint.Options, refusal))
                {
                    Fault = TeacherFault.Unclear,
                    IsReached = true,
                });
            }
        }

        due = next;

        // Timers go no further than some weeks: it looks again before.
        var wait = next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min((next - now).TotalMilliseconds, LongestLook.TotalMilliseconds)));
        timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Tell(List<TeacherEvent> told) => told.ForEach(events.OnNext);
}
