using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Daemon;
using Orca.Streams.Curricula.Watching;
using Orca.Training;
using Orca.Training.Packing;

namespace Orca.Cli.Tests.Daemon;

public sealed class WatchFeedTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));

    [Fact]
    public void Steps_publications_and_faults_come_into_the_history_a_second_of_steps_as_one()
    {
        var history = new RunHistory(_clock);
        using var feed = new WatchFeed(history);
        for (var step = 1; step <= 4; step++)
        {
            feed.Hear(Step(step, isSkipped: step == 4));
        }

        feed.Hear(new Publication(4, "/run/checkpoints/step-00000004", null, TimeSpan.Zero, TimeSpan.Zero));
        feed.Hear(new Publication(5, null, "The disk is full.", TimeSpan.Zero, TimeSpan.Zero));
        feed.Fault("The disk is full.");
        feed.Spent(1.25m);

        var happened = history.Read(null, 10).Records.Select(record => record.Event).ToList();
        var steps = Assert.IsType<StepsEvent>(happened[0]);
        Assert.Equal((1, 4, 3, 1), (steps.FirstStep, steps.LastStep, steps.Made, steps.Skipped));
        Assert.Equal((2.0, 2.0), (steps.Loss.Mean, steps.LossByCollection["cot"].Mean));
        Assert.Equal(
            [new VersionEvent(VersionChange.Published, "step-00000004", 4), new FaultEvent("The disk is full.")], happened[1..]);
        Assert.Equal(1.25m, history.Measures.Spent);
    }

    private static TrainingStep Step(long step, bool isSkipped) => new()
    {
        Step = step,
        Loss = isSkipped ? double.NaN : 2,
        Skipped = isSkipped,
        LearningRate = 1e-3,
        GradientNorm = isSkipped ? double.NaN : 1,
        Lessons = 1,
        Tokens = 10,
        TeacherTokens = 3,
        PackingEfficiency = 1,
        Collections = ImmutableSortedDictionary<string, LessonCount>.Empty.Add("cot", new LessonCount(1, 10, 3) { Loss = 6 }),
        RefusedLessons = 0,
        Elapsed = TimeSpan.FromSeconds(0.01),
        Waited = TimeSpan.Zero,
        Progress = null,
    };
}
