using System.Collections.Immutable;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Scheduling;

/// <summary>What follows from each outcome of a call: docs/architecture.md, "What becomes of a call".</summary>
public sealed class RequestSchedulerTests
{
    private static readonly Attempt Answer = ScriptedEndpoint.Answer;

    [Fact]
    public void Two_thousand_calls_of_a_second_are_in_flight_at_once_and_none_is_forgotten() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(time, (_, _) => Answer);
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 2_000 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 30_000).Select(number => AskAsync(scheduler, $"{number}")));

        Assert.All(answers, answer => Assert.Equal("x", answer));
        Assert.Equal((30_000, 2_000), (endpoint.Calls.Count, endpoint.MostInFlight));
        Assert.Equal((0, 0), (scheduler.InFlight, scheduler.Waiting));
        Assert.InRange(time.Now.TotalSeconds, 15, 30);
    });

    [Fact]
    public void A_place_is_given_back_while_a_request_waits_to_be_asked_again() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(time, (_, number) => number == 1 ? ScriptedEndpoint.Status(500) : Answer);
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 1 });

        await Task.WhenAll(AskAsync(scheduler, "a"), AskAsync(scheduler, "b"));

        Assert.Equal(["a", "b", "a"], endpoint.Calls.Select(call => call.Question));
        Assert.Equal(endpoint.Calls[0].At + TimeSpan.FromSeconds(1), endpoint.Calls[1].At);
    });

    [Fact]
    public void A_pause_that_an_endpoint_asks_for_is_kept_however_long() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time, (_, number) => number == 1 ? ScriptedEndpoint.Status(429) with { RetryAfter = TimeSpan.FromHours(3) } : Answer);
        using var scheduler = Of(time, endpoint);
        Assert.Equal("x", await AskAsync(scheduler, "a"));
        Assert.Equal([TimeSpan.Zero, new TimeSpan(3, 0, 1)], endpoint.Calls.Select(call => call.At));
    });

    [Fact]
    public void A_pause_of_nothing_is_no_reason_to_ask_at_once() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time, (_, number) => number <= 8 ? ScriptedEndpoint.Status(429) with { RetryAfter = TimeSpan.Zero } : Answer);
        using var scheduler = Of(time, endpoint);

        Assert.Equal("x", await AskAsync(scheduler, "a"));
        var pauses = endpoint.Calls.Zip(endpoint.Calls.Skip(1), (one, next) => (next.At - one.At).TotalSeconds - 1);
        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], pauses);
    });

    [Fact]
    public void A_pause_of_nothing_concerns_the_request_alone_and_holds_up_nobody_else() => Simulation.Run(async time =>
    {
        var asked = new Dictionary<string, int>();
        var endpoint = new ScriptedEndpoint(time, (question, _) => (asked[question] = asked.GetValueOrDefault(question) + 1) <= 8
            ? ScriptedEndpoint.Status(429) with { RetryAfter = TimeSpan.Zero }
            : Answer);
        using var scheduler = Of(time, endpoint);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => AskAsync(scheduler, $"{number}")));

        Assert.Equal(40 * 9, endpoint.Calls.Count);
        Assert.InRange(time.Now.TotalMinutes, 2, 8);
    });

    [Fact]
    public void Where_every_first_call_of_a_question_breaks_the_second_ones_show_that_the_endpoint_is_well() => Simulation.Run(async time =>
    {
        var asked = new HashSet<string>();
        var endpoint = new ScriptedEndpoint(time, (question, _) => asked.Add(question) ? ScriptedEndpoint.Status(500) : Answer);
        using var scheduler = Of(time, endpoint);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => AskAsync(scheduler, $"{number}")));

        Assert.Equal(80, endpoint.Calls.Count);
        Assert.InRange(time.Now.TotalMinutes, 0, 3);
    });

    [Fact]
    public void A_quota_that_only_headers_tell_is_kept() => Simulation.Run(async time =>
    {
        var limits = new RateLimits(new RateLimit(60, 30, null), null);
        var endpoint = new ScriptedEndpoint(time, (_, _) => Answer with { Limits = limits });
        using var scheduler = Of(time, endpoint);
        await AskAsync(scheduler, "first");
        var began = time.Now;
        await Task.WhenAll(Enumerable.Range(0, 59).Select(number => AskAsync(scheduler, $"{number}")));

        // The first one counts too. Ten seconds' worth at once, the others evenly.
        Assert.InRange((time.Now - began).TotalSeconds, 48, 52);
    });

    [Fact]
    public void A_long_wait_that_only_headers_of_answers_ask_for_is_told_once() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time,
            (_, number) => Answer with
            {
                Limits = number == 1 ? new RateLimits(new RateLimit(null, 0, TimeSpan.FromHours(30)), null) : RateLimits.None,
            });
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 1 });
        var told = new List<TeacherEvent>();
        using var subscription = scheduler.Events.Subscribe(told.Add);

        await Task.WhenAll(AskAsync(scheduler, "a"), AskAsync(scheduler, "b"), AskAsync(scheduler, "c"));

        Assert.Equal(30, Assert.Single(told.OfType<AskingPutOff>()).Pause.TotalHours, 2);
        Assert.InRange(time.Now.TotalHours, 30, 30.1);
    });

    [Fact]
    public void A_question_that_alone_fails_for_ever_is_given_up_for_this_run_with_the_reason() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time, (question, _) => question == "odd" ? ScriptedEndpoint.Status(500, "{\"error\":\"at 7\"}") : Answer);
        using var scheduler = Of(time, endpoint);
        var odd = AskAsync(scheduler, "odd");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => AskAsync(scheduler, $"{number}")));

        var failure = await Assert.ThrowsAsync<TeacherException>(() => odd);

        Assert.Equal(TeacherFault.Unclear, failure.Fault);
        Assert.Contains("(at 7), in 6 attempts at this question", failure.Message);
        Assert.Equal(6, endpoint.Calls.Count(call => call.Question == "odd"));
    });

    [Fact]
    public void An_endpoint_that_loads_for_minutes_is_tried_by_one_call_at_a_time_and_no_question_is_given_up() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(time, (_, _) => time.Now < TimeSpan.FromMinutes(5) ? ScriptedEndpoint.Status(503) : Answer);
        using var scheduler = Of(time, endpoint);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => AskAsync(scheduler, $"{number}")));

        Assert.InRange(endpoint.Calls.Count(call => call.At < TimeSpan.FromMinutes(5)), 16, 32);
    });

    [Fact]
    public void Patience_counts_from_the_first_failure_and_not_from_an_answer_long_before() => Simulation.Run(async time =>
    {
        var downFrom = TimeSpan.FromMinutes(60);
        var endpoint = new ScriptedEndpoint(time, (_, _) => time.Now > downFrom ? ScriptedEndpoint.Status(502) : Answer);
        using var scheduler = Of(time, endpoint);
        await AskAsync(scheduler, "a");
        await Task.Delay(downFrom, time);

        var failure = await Assert.ThrowsAsync<TeacherException>(() => Task.WhenAll(AskAsync(scheduler, "b"), AskAsync(scheduler, "c")));

        Assert.Equal(TeacherFault.Temporary, failure.Fault);
        Assert.InRange((time.Now - downFrom).TotalMinutes, 10, 11.5);
    });

    [Fact]
    public void An_endpoint_that_was_never_reached_is_given_up_soon() => Simulation.Run(async time =>
    {
        using var scheduler = Of(
            time, new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Unreached) { Latency = TimeSpan.FromMilliseconds(1) });

        var failure = await Assert.ThrowsAsync<TeacherException>(
            () => Task.WhenAll(Enumerable.Range(0, 20).Select(number => AskAsync(scheduler, $"{number}"))));

        Assert.Contains("cannot be reached, again and again; check that it runs", failure.Message);
        Assert.InRange(time.Now.TotalSeconds, 10, 60);
    });

    [Theory]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(404)]
    [InlineData(407)]
    public void A_fault_of_settings_or_account_stops_that_endpoint_at_once_and_the_others_go_on(int status) => Simulation.Run(async time =>
    {
        var closed = new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Status(status, "{\"error\":\"no\"}"));
        var open = new ScriptedEndpoint(time, (_, _) => Answer);
        using var scheduler = Of(time, closed, options => options with { Concurrency = 1 }, open);
        var told = new List<EndpointStopped>();
        using var subscription = scheduler.Events.Subscribe(happened => told.AddRange(happened is EndpointStopped stopped ? [stopped] : []));

        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => AskAsync(scheduler, $"{number}")));

        Assert.Single(closed.Calls);
        Assert.Contains($"answered with status {status} (no); check the address", Assert.Single(told).Message);
        var last = await Assert.ThrowsAsync<TeacherException>(
            () => scheduler.AskAsync(Questions.Request("q"), ["0"], CancellationToken.None));
        Assert.Equal(TeacherFault.Settings, last.Fault);
    });

    [Fact]
    public void What_every_request_gets_is_a_fault_of_the_settings_and_writes_none_off() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time, (_, number) => number > 20 ? ScriptedEndpoint.Status(400, "{\"error\":\"temperature\"}") : Answer);
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 4 });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => OutcomeAsync(scheduler, $"{number}")));

        Assert.Equal(20, outcomes.Count(outcome => outcome is null));
        Assert.All(outcomes.OfType<TeacherException>(), outcome => Assert.Equal(TeacherFault.Settings, outcome.Fault));
        Assert.InRange(endpoint.Calls.Count, 26, 32);
    });

    [Fact]
    public void Calls_that_end_after_their_endpoint_was_stopped_leave_nobody_waiting() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time,
            (_, number) => number switch
            {
                1 => ScriptedEndpoint.Status(401),
                < 6 => ScriptedEndpoint.Status(500),
                < 10 => ScriptedEndpoint.Status(403),
                _ => Answer,
            });
        using var scheduler = Of(time, endpoint);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => OutcomeAsync(scheduler, $"{number}")));

        Assert.Equal(7, outcomes.Count(outcome => outcome is null));
        Assert.All(outcomes.OfType<TeacherException>(), outcome => Assert.Equal(TeacherFault.Settings, outcome.Fault));
        Assert.Equal(16, endpoint.Calls.Count);
    });

    [Fact]
    public void What_one_request_alone_gets_leaves_that_one_out() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(
            time, (question, _) => question == "7" ? ScriptedEndpoint.Status(400, "{\"error\":\"odd\"}") : Answer);
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 4 });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => OutcomeAsync(scheduler, $"{number}")));

        Assert.Equal(TeacherFault.Request, Assert.Single(outcomes.OfType<TeacherException>()).Fault);
        Assert.Equal(40, endpoint.Calls.Count);
    });

    [Fact]
    public void A_refusal_that_nothing_explains_leaves_the_question_for_the_next_run() => Simulation.Run(async time =>
    {
        using var scheduler = Of(time, new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Status(403)));
        Assert.Equal(TeacherFault.Unclear, (await OutcomeAsync(scheduler, "alone"))!.Fault);
    });

    [Fact]
    public void A_question_that_one_endpoint_refuses_is_asked_at_another() => Simulation.Run(async time =>
    {
        var narrow = new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Status(400, "maximum context length"))
        {
            Latency = TimeSpan.FromMilliseconds(1),
        };
        var wide = new ScriptedEndpoint(time, (_, _) => Answer);
        using var scheduler = Of(time, narrow, null, wide);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => AskAsync(scheduler, $"{number}")));

        Assert.Equal(40, wide.Calls.Count);
        Assert.Equal(narrow.Calls.Count, narrow.Calls.Select(call => call.Question).Distinct().Count());
    });

    [Fact]
    public void Who_stops_waiting_leaves_no_place_taken() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(time, (_, _) => Answer) { Latency = TimeSpan.FromHours(1) };
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 1, Timeout = TimeSpan.FromHours(2) });
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);
        var first = scheduler.AskAsync(Questions.Request("a"), ["0"], cancelled.Token);
        var second = AskAsync(scheduler, "b");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal("x", await second);

        // A minute until it leaves, and one in which its call may end.
        Assert.Equal(TimeSpan.FromMinutes(62), time.Now);
    });

    [Fact]
    public void Whoever_leaves_gets_the_answer_to_a_call_that_is_under_way_and_no_further_call_is_made() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(time, (question, _) => question == "broken" ? ScriptedEndpoint.Status(500) : Answer);
        using var scheduler = Of(time, endpoint, options => options with { Concurrency = 2 });
        using var leaving = new CancellationTokenSource(TimeSpan.FromSeconds(0.5), time);
        Task<Trace> Ask(string question) => scheduler.AskAsync(Questions.Request(question), ["0"], leaving.Token);

        var (called, broken, waits) = (Ask("called"), Ask("broken"), Ask("waits"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        Assert.Equal(0.5, time.Now.TotalSeconds, 3);
        Assert.Equal("x", (await called).Response);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => broken);
        Assert.Equal((2, 0, 0), (endpoint.Calls.Count, scheduler.InFlight, scheduler.Waiting));
    });

    [Fact]
    public void A_call_that_takes_longer_than_whoever_leaves_would_wait_is_broken_off() => Simulation.Run(async time =>
    {
        var endpoint = new ScriptedEndpoint(time, (_, _) => Answer) { Latency = TimeSpan.FromHours(1) };
        using var scheduler = new RequestScheduler(
            [new TeacherEndpoint(new EndpointOptions { Name = "0", Model = "m", Timeout = TimeSpan.FromHours(2) }, endpoint, time)],
            new SchedulerOptions { FinishWithin = TimeSpan.FromMinutes(3) }, time: time);
        using var leaving = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scheduler.AskAsync(Questions.Request("a"), ["0"], leaving.Token));

        Assert.Equal((4, 0), (time.Now.TotalMinutes, scheduler.InFlight));
    });

    private static RequestScheduler Of(
        Simulation time, ScriptedEndpoint endpoint, Func<EndpointOptions, EndpointOptions>? with = null, params ScriptedEndpoint[] others)
    {
        var all = new[] { endpoint }.Concat(others).Select((client, number) =>
        {
            var options = new EndpointOptions { Name = $"{number}", Model = "m" };
            return new TeacherEndpoint(number == 0 && with is not null ? with(options) : options, client, time);
        });
        return new RequestScheduler(all, time: time, random: () => 0);
    }

    private static async Task<string> AskAsync(RequestScheduler scheduler, string question) =>
        (await scheduler.AskAsync(Questions.Request(question), ["0", "1"], CancellationToken.None)).Response;

    private static async Task<TeacherException?> OutcomeAsync(RequestScheduler scheduler, string question)
    {
        try
        {
            await AskAsync(scheduler, question);
            return null;
        }
        catch (TeacherException failure)
        {
            return failure;
        }
    }
}
