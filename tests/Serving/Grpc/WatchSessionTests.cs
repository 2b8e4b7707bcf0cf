using Microsoft.Extensions.Time.Testing;
using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Grpc;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using VersionChange = Orca.Streams.Curricula.Watching.VersionChange;

namespace Orca.Serving.Tests.Grpc;

/// <summary>What those who watch are sent, and what it costs.</summary>
[Collection(nameof(Alone))]
public sealed class WatchSessionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider clock = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));
    private readonly EncodedEvents encoded = new();
    private readonly StillCurriculum curriculum;
    private readonly StatusSampler sampler;

    public WatchSessionTests()
    {
        curriculum = new StillCurriculum(new RunHistory(clock, capacity: 1_000));
        sampler = new StatusSampler(curriculum, clock);
    }

    [Fact]
    public async Task An_hour_in_which_nothing_happens_costs_a_heartbeat_every_fifteen_seconds()
    {
        var (session, sent) = Watch();
        await AdvanceAsync(3_600, session);

        Assert.Equal(WatchResponse.EventOneofCase.Status, sent.Events[0].EventCase);
        Assert.All(sent.Events[1..], one => Assert.Equal(WatchResponse.EventOneofCase.Heartbeat, one.EventCase));
        Assert.Equal(239, sent.Events.Count - 1);
        Assert.InRange(sent.Bytes, 1, 240 * 40);
    }

    [Fact]
    public async Task A_status_that_changes_all_the_time_comes_once_an_interval_and_costs_less_than_two_kilobytes_a_second()
    {
        var (session, sent) = Watch();
        for (var second = 0; second < 100; second++)
        {
            curriculum.Status = StillCurriculum.StatusAt(second);
            await AdvanceAsync(1, session);
        }

        Assert.Equal(100, sent.Events.Count);
        Assert.Equal(99UL, sent.Events[^1].Status.LessonsDelivered);
        Assert.InRange(sent.Bytes, 1, 100 * 1_000);
    }

    [Fact]
    public async Task Steps_come_as_one_summary_an_interval_and_a_command_stands_between_those_before_and_after_it()
    {
        var (session, sent) = Watch(new WatchRequest { IntervalMilliseconds = 10_000, Kinds = { EventKind.Steps, EventKind.Command } });
        for (var step = 1; step <= 100; step++)
        {
            if (step == 61)
            {
                curriculum.History.Append(new CommandEvent("p", new PauseCommand(), new CommandReceipt(1, 61, 61, 61)));
            }

            curriculum.History.Append(StepAt(step));
            clock.Advance(Second / 10);
        }

        await session.SendNewsAsync(default);
        clock.Advance(Second);
        await session.SendNewsAsync(default);

        Assert.Equal([(1UL, 60UL), (61UL, 100UL)], Steps(sent));
        Assert.Equal("""{"command":"pause","what":"Collecting"}""", sent.Events[1].Command.Json);
        Assert.Equal(61UL, sent.Events[1].Command.Receipt.FirstStep);
        var first = sent.Events[0].Steps;
        Assert.Equal((2.0, 60UL, 100.0), (first.Loss, first.Lessons, first.TokensPerSecond));
        Assert.Equal((1.0, 4.0), (first.LossByCollection["cot"], first.LossByCollection["reasoning"]));
    }

    [Fact]
    public async Task Only_the_kinds_asked_for_come_and_a_heartbeat_tells_how_far_the_rest_was_passed_over()
    {
        var (session, sent) = Watch(new WatchRequest { Kinds = { EventKind.Fault } });
        curriculum.History.Append(new FaultEvent("The teacher does not answer."));
        curriculum.History.Append(new VersionEvent(VersionChange.Published, "step-00000007", 7));
        await AdvanceAsync(20, session);

        Assert.Equal(
            [WatchResponse.EventOneofCase.Fault, WatchResponse.EventOneofCase.Heartbeat], sent.Events.Select(one => one.EventCase));
        var (later, rest) = Watch(new WatchRequest { AfterSequence = sent.Events[1].Sequence });
        await later.SendNewsAsync(default);
        Assert.Empty(rest.Events);
    }

    [Fact]
    public async Task Fifty_who_watch_share_what_is_encoded()
    {
        var watchers = Enumerable.Range(0, 50).Select(_ => Watch()).ToList();
        for (var second = 0; second < 20; second++)
        {
            curriculum.Status = StillCurriculum.StatusAt(second);
            curriculum.History.Append(new FaultEvent($"{second}"));
            await AdvanceAsync(1, [.. watchers.Select(watcher => watcher.Session)]);
        }

        Assert.All(watchers, watcher => Assert.Equal(watchers[0].Sent.Events, watcher.Sent.Events));
        Assert.Equal(40, watchers[0].Sent.Events.Count);
        Assert.Equal(40, encoded.Made);
    }

    [Fact]
    public async Task One_who_does_not_read_holds_up_nobody_and_is_told_what_it_missed()
    {
        var reads = new TaskCompletionSource();
        var (session, sent) = Watch(new WatchRequest { Kinds = { EventKind.Fault } }, reads.Task);
        curriculum.History.Append(new FaultEvent("0"));
        var sending = session.SendNewsAsync(default);
        for (var number = 1; number <= 5_000; number++)
        {
            curriculum.History.Append(new FaultEvent($"{number}"));
        }

        reads.SetResult();
        await sending;
        await session.SendNewsAsync(default);

        Assert.Equal("0", sent.Events[0].Fault.Text);
        Assert.Equal((4_000UL, false), (sent.Events[1].Gap.Missed, sent.Events[1].Gap.EarlierStart));
        Assert.Equal(Enumerable.Range(4_001, 1_000).Select(number => $"{number}"), sent.Events[2..].Select(one => one.Fault.Text));
    }

    [Fact]
    public void Eight_hours_take_no_more_memory_than_some_do()
    {
        object Hours(int hours)
        {
            var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));
            var history = new RunHistory(time, capacity: 4_096);
            var events = new EncodedEvents();
            for (var (step, place) = (1, (long?)null); step <= hours * 3_600; step++)
            {
                history.Append(StepAt(step));
                time.Advance(Second);
                var reading = history.Read(place, 100);
                place = reading.Position;
                foreach (var record in reading.Records)
                {
                    events.Of(record);
                }
            }

            return (history, events);
        }

        Assert.InRange(ManagedMemory.TakenBy(() => Hours(8)), 1, (long)(1.2 * ManagedMemory.TakenBy(() => Hours(2))));
    }

    private static StepsEvent StepAt(int step) => new()
    {
        FirstStep = step,
        LastStep = step,
        Loss = new TokenLoss(20, 10),
        LossByCollection = new StepsEvent { FirstStep = 0, LastStep = 0, LearningRate = 0 }.LossByCollection
            .Add("cot", new TokenLoss(6, 6)).Add("reasoning", new TokenLoss(16, 4)),
        GradientNorms = 1,
        Lessons = 1,
        Tokens = 10,
        Elapsed = Second / 10,
        LearningRate = 1e-3,
    };

    private static IEnumerable<(ulong, ulong)> Steps(RecordedEvents sent) => sent.Events
        .Where(one => one.EventCase == WatchResponse.EventOneofCase.Steps).Select(one => (one.Steps.FirstStep, one.Steps.LastStep));

    private (WatchSession Session, RecordedEvents Sent) Watch(WatchRequest? request = null, Task? open = null)
    {
        var sent = new RecordedEvents(open);
        return (new WatchSession(request ?? new WatchRequest(), curriculum.History, sampler, encoded, sent, clock), sent);
    }

    private async Task AdvanceAsync(int seconds, params WatchSession[] sessions)
    {
        for (var second = 0; second < seconds; second++)
        {
            clock.Advance(Second);
            foreach (var session in sessions)
            {
                await session.SendNewsAsync(default);
            }
        }
    }
}
