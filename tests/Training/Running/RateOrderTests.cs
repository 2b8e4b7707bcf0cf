using Microsoft.Extensions.Time.Testing;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Optimization;

namespace Orca.Training.Tests.Running;

/// <summary>The learning rate as commands have it.</summary>
public sealed class RateOrderTests
{
    private static readonly TrainerOptions Options =
        Toy.Options with { MaxSteps = 12, PublishEverySteps = 0, Schedule = Toy.Schedule with { Peak = 1e-2 } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_factor_scales_the_scheduled_rate_of_the_very_step()
    {
        var expected = await Run(Options, null);
        var found = await Run(Options, step => new StepOrders(step is >= 5 and <= 6 ? 0.25 : 1, 0, null));

        Assert.Equal(
            expected.Select(step => step.LearningRate * (step.Step is 5 or 6 ? 0.25 : 1)), found.Select(step => step.LearningRate));
        Assert.Equal([0.25, 0.25], found.Where(step => step.Step is 5 or 6).Select(step => step.RateScale));
        Assert.Equal(expected.Take(5).Select(step => step.Loss), found.Take(5).Select(step => step.Loss));
        Assert.NotEqual(expected[5].Loss, found[5].Loss);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Muon)]
    public async Task A_factor_of_one_tenth_is_what_a_schedule_of_one_tenth_would_be_for_all_weights(OptimizerKind optimizer)
    {
        var options = Options with { MaxSteps = 4, Optimizer = optimizer };
        var lower = options with
        {
            Schedule = options.Schedule with { Peak = options.Schedule.Peak / 8 },
            Muon = options.Muon with { LearningRate = options.Muon.LearningRate / 8 },
        };

        var scaled = await Run(options, _ => new StepOrders(0.125, 0, null));

        Assert.Equal((await Run(lower, null)).Select(step => step.Loss), scaled.Select(step => step.Loss));
    }

    [Fact]
    public async Task A_schedule_that_is_begun_anew_warms_up_from_that_step()
    {
        var steps = await Run(Options with { MaxSteps = null }, step => new StepOrders(1, step >= 8 ? 3 : 2, null), lessons: 300);

        var shares = steps.Select(step => step.LearningRate / Options.Schedule.Peak).ToList();
        Assert.Equal(
            [1.0 / 3, 2.0 / 3, 1, 1, 1, 1, 1, 1.0 / 3, 2.0 / 3, 1], shares.Take(10), (one, other) => Math.Abs(one - other) < 1e-12);
    }

    [Fact]
    public async Task A_schedule_by_time_that_is_begun_anew_falls_over_the_time_that_is_left()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var options = Options with
        {
            MaxSteps = null,
            MaxDuration = TimeSpan.FromMinutes(5),
            Schedule = new() { Peak = 1e-3, WarmUpSteps = 0, FinalFraction = 0.1 },
        };

        var steps = await Run(options, step => new StepOrders(1, step >= 15 ? 1 : 0, null), time: time);

        Assert.InRange(steps[13].RateLevel, 0, 0.95);
        Assert.InRange(steps[14].RateLevel, 0.99, 1);
        Assert.InRange(steps[^1].RateLevel, 0.1, 0.12);
    }

    [Fact]
    public async Task What_had_been_begun_anew_before_is_not_begun_again_at_the_next_start()
    {
        using var folder = new TemporaryFolder();
        StepOrders Orders(long step) => new(1, step >= 3 ? 1 : 0, null);
        await Run(Options with { MaxSteps = 7 }, Orders, folder.At("run"));

        var steps = await Run(Options, Orders, folder.At("run"));

        Assert.Equal(8, steps[0].Step);
        Assert.All(steps, step => Assert.Equal(Options.Schedule.Peak * step.RateLevel, step.LearningRate, 1e-12));
    }

    [Fact]
    public async Task A_checkpoint_that_does_not_say_how_often_takes_what_it_is_told_first_for_known()
    {
        using var folder = new TemporaryFolder();
        await Run(Options with { MaxSteps = 6 }, null, folder.At("run"));

        var steps = await Run(Options, _ => new StepOrders(1, 5, null), folder.At("run"));

        Assert.Equal(7, steps[0].Step);
        Assert.All(steps, step => Assert.Equal(Options.Schedule.Peak * step.RateLevel, step.LearningRate, 1e-12));
    }

    private static async Task<List<TrainingStep>> Run(
        TrainerOptions options, Func<long, StepOrders>? orders, string? root = null, int lessons = int.MaxValue, TimeProvider? time = null)
    {
        var run = new TrainingRun
        {
            Student = Toy.Student,
            CheckpointRoot = root,
            Link = orders is null ? null : new ScriptedLink(orders),
        };
        var trainer = new Trainer(options, run, time);
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);
        await trainer.RunAsync(Toy.Channel(Toy.Repeat(4).Take(lessons)), Token);
        return steps;
    }
}
