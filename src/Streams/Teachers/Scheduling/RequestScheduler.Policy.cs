using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Scheduling;

/// <content>What follows from a call: the policy of docs/architecture.md. All of it is called under the scheduler's lock.</content>
public sealed partial class RequestScheduler
{
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(90);

    // For its request, and for those that waited for what it tells.
    private (TeacherException? Failure, TimeSpan? Pause) AfterCall(
        WaitingRequest waiting, Call call, Attempt attempt, string message, TimeSpan now, List<TeacherEvent> told)
    {
        var endpoint = call.Endpoint;
        if (endpoint.Stopped is { } stopped && attempt.Fault is not (null or TeacherFault.Request))
        {
            // Another call has told meanwhile what this one might have.
            waiting.WaitAgain();
            line.AddFirst(waiting);
            Release(stopped);
            return (null, null);
        }

        switch (attempt.Fault)
        {
            case null:
                foreach (var (refused, refusal) in endpoint.Refusals.Before(call.Started))
                {
                    LeaveOut(
                        refused, endpoint, AttemptMessages.Of(endpoint.Endpoint.Options, refusal with { Fault = TeacherFault.Request }));
                }

                return (null, null);

            case TeacherFault.Request:
                waiting.WaitAgain();
                LeaveOut(waiting, endpoint, message);
                return (null, null);

            case TeacherFault.Unclear:
                waiting.WaitAgain();
                endpoint.Refusals.Add(waiting, attempt, now);
                if (endpoint.Refusals.IsProof)
                {
                    Stop(endpoint, new TeacherException(message, attempt.Exception) { Fault = TeacherFault.Settings }, told);
                }

                return (null, null);

            case TeacherFault.Settings:
                waiting.WaitAgain();
                line.AddFirst(waiting);
                Stop(endpoint, new TeacherException(message, attempt.Exception) { Fault = TeacherFault.Settings }, told);
                return (null, null);

            case TeacherFault.Temporary when attempt is { Kind: AttemptKind.Throttled, RetryAfter.Ticks: 0 }:
                var putOff = backOff.After(++waiting.Throttled);
                waiting.WaitAgain();
                line.AddAt(waiting, now + putOff);
                return (null, putOff);

            case TeacherFault.Temporary when attempt.Kind == AttemptKind.Throttled:
                waiting.WaitAgain();
                line.AddFirst(waiting);
                return (null, endpoint.PausedUntil > now ? endpoint.PausedUntil - now : TimeSpan.Zero);

            default:
                return AfterFailure(waiting, endpoint, attempt, now);
        }
    }

    private (TeacherException? Failure, TimeSpan? Pause) AfterFailure(
        WaitingRequest waiting, EndpointState endpoint, Attempt attempt, TimeSpan now)
    {
        waiting.FirstFailure = waiting.Failures == 0 ? now : waiting.FirstFailure;
        waiting.Failures++;
        if (waiting.Failures >= options.Attempts && IsAloneInFailing(waiting, endpoint))
        {
            var message = AttemptMessages.GivenUp(endpoint.Endpoint.Options, attempt, waiting.Failures);
            return (new TeacherException(message, attempt.Exception) { Fault = TeacherFault.Unclear, IsReached = attempt.IsReached }, null);
        }

        var pause = backOff.After(waiting.Failures);
        waiting.WaitAgain();
        line.AddAt(waiting, now + pause);
        return (null, pause);
    }

    // Others are answered meanwhile; or there are no others, and there were answers.
    private bool IsAloneInFailing(WaitingRequest waiting, EndpointState endpoint) =>
        endpoint.Answered > waiting.FirstFailure
        || (endpoint.Answered is not null && line.Count == 0 && states.All(state => state.InFlight == 0));

    // This endpoint will not answer it, another may.
    private void LeaveOut(WaitingRequest waiting, EndpointState endpoint, string message)
    {
        waiting.Exclude(endpoint);
        if (waiting.Endpoints.Any())
        {
            line.AddFirst(waiting);
            return;
        }

        // What is stopped might have answered it: then it is not written off.
        var fault = waiting.StoppedBy is null ? TeacherFault.Request : TeacherFault.Unclear;
        waiting.Turn.TrySetException(new TeacherException(message) { Fault = fault, IsReached = true });
    }

    // After an answer, nothing is under way and nothing may begin: a failure would have told so itself.
    private void TellOfLongWait(EndpointState endpoint, TimeSpan now, List<TeacherEvent> told)
    {
        if (line.Count == 0 || due <= toldUntil || due - now < LongWait || due == TimeSpan.MaxValue
            || states.Any(state => state.InFlight > 0))
        {
            return;
        }

        toldUntil = due;
        told.Add(new AskingPutOff(endpoint.Name, AttemptMessages.AllowsNothing(endpoint.Endpoint.Options), due - now));
    }

    // A budget has no room for a call of it, nor will have.
    private void Refuse(WaitingRequest waiting, EndpointState endpoint, Budget budget, TeacherException why, List<TeacherEvent> told)
    {
        if (budget.Scope == BudgetScope.Endpoint)
        {
            line.AddFirst(waiting);
            Stop(endpoint, why, told);
            return;
        }

        // No endpoint can answer it within this budget. A shorter request may have room, and another stage a budget of its own: each tries.
        waiting.Turn.TrySetException(why);
    }

    private void Stop(EndpointState endpoint, TeacherException why, List<TeacherEvent> told)
    {
        if (endpoint.Stopped is not null)
        {
            return;
        }

        endpoint.Stopped = why;
        told.Add(new EndpointStopped(endpoint.Name, why.Message));
        foreach (var (refused, _) in endpoint.Refusals.All())
        {
            line.AddFirst(refused);
        }

        Release(why);
    }

    // Those for whom no endpoint is left hear why.
    private void Release(TeacherException why)
    {
        foreach (var waiting in line.TakeWithoutEndpoint())
        {
            waiting.Turn.TrySetException(why);
        }
    }
}
