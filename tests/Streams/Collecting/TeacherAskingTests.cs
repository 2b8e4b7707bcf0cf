using System.Reactive.Linq;
using Microsoft.Extensions.Time.Testing;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

public sealed class TeacherAskingTests
{
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pauses_double_up_to_their_limit_until_the_teacher_answers()
    {
        var failures = 5;
        var told = new List<TimeSpan>();
        var teacher = new FakeTeacher((_, _) => failures-- > 0 ? throw new TeacherException("busy") : Task.FromResult("x"));
        var (asking, events) = Asking(teacher, giveUpAfter: null);
        using var subscription = events.All.Subscribe(told_ => told.Add(told_ is TeacherFailed failed ? failed.AskAgainAfter : TimeSpan.Zero));

        var answer = asking.AskAsync(Questions.Request("q"), Cancelled);
        for (var pause = 0; pause < 5; pause++)
        {
            Assert.False(answer.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(40));
        }

        Assert.Equal("x", (await answer).Trace!.Response);
        Assert.Equal([5, 10, 20, 40, 40], told.Where(pause => pause > TimeSpan.Zero).Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public async Task After_answers_it_is_given_up_only_when_none_came_for_long()
    {
        var isDown = false;
        var teacher = new FakeTeacher((_, _) => isDown ? throw new TeacherException("down") : Task.FromResult("x"));
        var (asking, _) = Asking(teacher, TimeSpan.FromMinutes(1));
        await asking.AskAsync(Questions.Request("a"), Cancelled);
        isDown = true;

        var answer = asking.AskAsync(Questions.Request("b"), Cancelled);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(40));

        await Assert.ThrowsAsync<TeacherException>(() => answer);
    }

    [Fact]
    public async Task Patience_counts_from_the_first_failure_and_not_from_an_answer_long_before()
    {
        var isDown = false;
        var teacher = new FakeTeacher((_, _) => isDown ? throw new TeacherException("down") : Task.FromResult("x"));
        var (asking, _) = Asking(teacher, TimeSpan.FromMinutes(1));
        await asking.AskAsync(Questions.Request("a"), Cancelled);
        time.Advance(TimeSpan.FromMinutes(30));
        isDown = true;

        var answer = asking.AskAsync(Questions.Request("b"), Cancelled);
        time.Advance(TimeSpan.FromSeconds(40));
        isDown = false;
        time.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal("x", (await answer.WaitAsync(TimeSpan.FromSeconds(5), Cancelled)).Trace!.Response);
    }

    [Fact]
    public async Task Refusals_before_any_answer_write_nothing_off_and_the_third_is_taken_for_a_fault_of_the_settings()
    {
        var (asking, events) = Asking(
            new FakeTeacher((_, _) => throw new TeacherException("no temperature") { Fault = TeacherFault.Unclear, IsReached = true }),
            giveUpAfter: null);

        Assert.Equal((null, null), await asking.AskAsync(Questions.Request("a"), Cancelled));
        Assert.Equal((null, null), await asking.AskAsync(Questions.Request("b"), Cancelled));
        var failure = await Assert.ThrowsAsync<TeacherException>(() => asking.AskAsync(Questions.Request("c"), Cancelled));

        Assert.Equal((TeacherFault.Settings, "no temperature"), (failure.Fault, failure.Message));
        Assert.Equal(2, (await events.Statistics.FirstAsync()).TeacherFailures);
    }

    [Fact]
    public async Task A_request_that_alone_is_refused_among_others_that_are_answered_is_left_out()
    {
        var teacher = new FakeTeacher((request, _) => request.Query.Prompt == "odd"
            ? throw new TeacherException("flagged") { Fault = TeacherFault.Unclear, IsReached = true }
            : Task.FromResult("x"));
        var (asking, _) = Asking(teacher, giveUpAfter: null);
        await asking.AskAsync(Questions.Request("a"), Cancelled);

        Assert.Equal((null, "flagged"), await asking.AskAsync(Questions.Request("odd"), Cancelled));
    }

    [Fact]
    public async Task A_teacher_that_is_reached_but_still_loading_is_waited_for_and_its_own_pauses_are_kept()
    {
        var failures = 3;
        var told = new List<double>();
        var teacher = new FakeTeacher((_, _) => failures-- > 0
            ? throw new TeacherException("loading") { IsReached = true, RetryAfter = failures == 1 ? TimeSpan.FromMinutes(5) : null }
            : Task.FromResult("x"));
        var (asking, events) = Asking(teacher, TimeSpan.FromMinutes(10));
        using var subscription = events.All.OfType<TeacherFailed>().Subscribe(failed => told.Add(failed.AskAgainAfter.TotalSeconds));

        var answer = asking.AskAsync(Questions.Request("q"), Cancelled);
        foreach (var pause in (int[])[5, 300, 40])
        {
            Assert.False(answer.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(pause));
        }

        Assert.Equal("x", (await answer.WaitAsync(TimeSpan.FromSeconds(5), Cancelled)).Trace!.Response);
        Assert.Equal([5, 300, 40], told);
    }

    [Fact]
    public async Task A_request_that_can_never_be_answered_is_no_fault_of_the_teachers()
    {
        var (asking, events) = Asking(
            new FakeTeacher((_, _) => throw new TeacherException("too long") { Fault = TeacherFault.Request }), TimeSpan.Zero);

        Assert.Equal((null, "too long"), await asking.AskAsync(Questions.Request("q"), Cancelled));
        Assert.Equal(0, (await events.Statistics.FirstAsync()).TeacherFailures);
    }

    private (TeacherAsking Asking, CollectionEvents Events) Asking(ITeacher teacher, TimeSpan? giveUpAfter)
    {
        var options = new CollectionOptions
        {
            AskAgainAfter = TimeSpan.FromSeconds(5),
            MaxAskAgainAfter = TimeSpan.FromSeconds(40),
            GiveUpAfter = giveUpAfter,
        };
        var events = new CollectionEvents();
        return (new TeacherAsking(teacher, options, events, time), events);
    }
}
