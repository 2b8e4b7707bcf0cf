using System.Collections.Immutable;
using System.Reactive.Subjects;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Display;
using Orca.Training;
using Orca.Training.Packing;

namespace Orca.Cli.Tests.Display;

public sealed class StepWindowTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Subject<TrainingStep> _steps = new();
    private readonly RunMonitor _monitor;
    private long _made;

    public StepWindowTests()
    {
        _monitor = new RunMonitor(_clock);
        _monitor.Watch(_steps, null);
    }

    public void Dispose() => _monitor.Dispose();

    [Fact]
    public void The_rate_is_that_of_the_last_steps()
    {
        Make(20, waited: TimeSpan.Zero);
        Assert.Equal(1_000, Rate, 6);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1_000, Rate, 6);
    }

    [Fact]
    public void A_student_that_only_practises_has_no_loss_of_teaching_but_one_of_practice()
    {
        _steps.OnNext(Step(TimeSpan.Zero, 1_000) with { Loss = 0, TeacherTokens = 0, PracticeLoss = 0.5, PracticeTokens = 100 });
        _steps.OnNext(Step(TimeSpan.Zero, 1_000) with { Loss = 0, TeacherTokens = 0, PracticeLoss = 1, PracticeTokens = 300 });

        var run = _monitor.Snapshot();
        Assert.Equal((null, 0.875), (run.Loss, run.PracticeLoss));
        Assert.Empty(run.Losses);
        Assert.Contains("practice loss 0.875", SnapshotLine.Write(run));
    }

    [Fact]
    public void While_no_step_is_made_the_rate_falls()
    {
        Make(20, waited: TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromHours(10));
        Assert.InRange(Rate, 0, 1);
    }

    [Fact]
    public void A_pause_of_hours_is_forgotten_after_the_next_step()
    {
        Make(20, waited: TimeSpan.Zero);
        Make(1, waited: TimeSpan.FromHours(10));
        Assert.Equal((true, 1.0), (Rate < 1, Math.Round(_monitor.Snapshot().Waiting, 3)));
        Make(1, waited: TimeSpan.Zero);
        Assert.Equal((1_000, 0), (Math.Round(Rate), Math.Round(_monitor.Snapshot().Waiting, 3)));
    }

    [Fact]
    public void A_teacher_that_is_waited_for_before_each_step_counts()
    {
        for (var step = 0; step < 5; step++)
        {
            Make(1, waited: TimeSpan.FromSeconds(99));
        }

        Assert.Equal((10, 0.99), (Math.Round(Rate), Math.Round(_monitor.Snapshot().Waiting, 3)));
    }

    [Fact]
    public void The_rate_of_training_that_has_ended_stays()
    {
        Make(20, waited: TimeSpan.Zero);
        _steps.OnCompleted();
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1_000, Rate, 6);
    }

    [Fact]
    public void Steps_of_a_billion_tokens_are_added_up()
    {
        Make(20, waited: TimeSpan.Zero, tokens: 1_000_000_000);
        Assert.Equal((1e9, 2.0), (Rate, _monitor.Snapshot().Loss));
    }

    [Fact]
    public void As_long_as_every_step_was_skipped_there_is_no_loss()
    {
        _steps.OnNext(Step(TimeSpan.Zero, 1_000) with { Step = 7, Skipped = true, Loss = double.NaN });
        Assert.Null(_monitor.Snapshot().Loss);
        Assert.DoesNotContain("loss", SnapshotLine.Write(_monitor.Snapshot()));
    }

    private double Rate => _monitor.Snapshot().TokensPerSecond;

    private void Make(int steps, TimeSpan waited, int tokens = 1_000)
    {
        for (var i = 0; i < steps; i++)
        {
            _clock.Advance(waited + TimeSpan.FromSeconds(1));
            _steps.OnNext(Step(waited, tokens));
        }
    }

    private TrainingStep Step(TimeSpan waited, int tokens) => new()
    {
        Step = ++_made,
        Loss = 2,
        Skipped = false,
        LearningRate = 1e-3,
        GradientNorm = 1,
        Lessons = 1,
        Tokens = tokens,
        TeacherTokens = tokens,
        PackingEfficiency = 1,
        Collections = ImmutableSortedDictionary<string, LessonCount>.Empty,
        RefusedLessons = 0,
        Elapsed = TimeSpan.FromSeconds(1),
        Waited = waited,
        Progress = null,
    };
}
