using Microsoft.Extensions.Time.Testing;
using Orca.Streams.Curricula.Watching;

namespace Orca.Streams.Tests.Curricula.Watching;

public sealed class RunHistoryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider clock = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Whoever_reads_on_from_page_to_page_gets_every_event_once_in_order(int most)
    {
        var history = new RunHistory(clock);
        var (read, place) = (new List<RunRecord>(), (long?)null);
        for (var number = 0; number < 100; number++)
        {
            history.Append(new FaultEvent($"{number}"));
            if (number % 10 == 9)
            {
                RunReading page;
                do
                {
                    page = history.Read(place, most);
                    place = page.Position;
                    read.AddRange(page.Records);
                }
                while (!page.IsLast);
            }
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), Texts(read));
        Assert.Empty(history.Read(place, most).Records);
    }

    [Fact]
    public void The_oldest_are_forgotten_and_whoever_asks_for_them_is_told_how_many()
    {
        var history = new RunHistory(clock, capacity: 10);
        history.Append(new FaultEvent("first"));
        var place = history.Read(null, 1).Position;
        for (var number = 0; number < 25; number++)
        {
            clock.Advance(Second);
            history.Append(new FaultEvent($"{number}"));
        }

        var reading = history.Read(place, 100);

        var gap = reading.Gap!;
        Assert.Equal((15, false, clock.GetUtcNow() - (9 * Second)), (gap.Missed, gap.IsEarlierStart, gap.RememberedSince));
        Assert.Equal(Enumerable.Range(15, 10).Select(number => $"{number}"), Texts(reading.Records));
        Assert.Null(history.Read(gap.Sequence, 1).Gap);
        Assert.Null(history.Read(null, 1).Gap);
        Assert.Equal("15", Texts(history.Read(null, 1).Records).Single());
    }

    [Fact]
    public void A_place_of_an_earlier_start_is_known_as_such_however_soon_the_next_one_came()
    {
        var before = new RunHistory(clock);
        for (var number = 0; number < 900; number++)
        {
            before.Append(new FaultEvent("x"));
        }

        var place = before.Read(null, 1_000).Position;
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var history = new RunHistory(clock);
        Assert.Equal((true, null), (history.Read(place, 1).Gap!.IsEarlierStart, history.Read(place, 1).Gap!.RememberedSince));
        history.Append(new FaultEvent("now"));
        var reading = history.Read(place, 10);

        Assert.Equal((true, 0), (reading.Gap!.IsEarlierStart, reading.Gap.Missed));
        Assert.Equal(["now"], Texts(reading.Records));
    }

    [Fact]
    public void Steps_of_a_second_are_one_and_what_happens_between_divides_them()
    {
        var history = new RunHistory(clock);
        for (var step = 1; step <= 34; step++)
        {
            if (step == 16)
            {
                history.Append(new FaultEvent("between"));
            }

            history.Append(StepAt(step));
            clock.Advance(Second / 10);
        }

        Assert.Equal([(1L, 10L), (11L, 15L), (16L, 25L)], Steps(history.Read(null, 100)));
        clock.Advance(Second / 2);
        var reading = history.Read(null, 100);
        Assert.Equal([(1L, 10L), (11L, 15L), (16L, 25L), (26L, 34L)], Steps(reading));
        var first = (StepsEvent)reading.Records[0].Event;
        Assert.Equal((10, 2.0, 100.0, 0.5), (first.Made, first.Loss.Mean, first.TokensPerSecond, first.Waiting));
    }

    private static StepsEvent StepAt(long step) => new()
    {
        FirstStep = step,
        LastStep = step,
        Loss = new TokenLoss(20, 10),
        Tokens = 10,
        Elapsed = Second / 20,
        Waited = Second / 20,
        LearningRate = 1e-3,
    };

    private static IEnumerable<string> Texts(IEnumerable<RunRecord> records) => records.Select(record => ((FaultEvent)record.Event).Text);

    private static IEnumerable<(long, long)> Steps(RunReading reading) =>
        reading.Records.Select(record => record.Event).OfType<StepsEvent>().Select(steps => (steps.FirstStep, steps.LastStep));
}
