using Orca.Model;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Checkpoints;
using Orca.Training.Optimization;
using Orca.Training.Parameters;

namespace Orca.Training.Tests.Checkpoints;

public sealed class ResumeTests
{
    private const ProductKernels Own = ProductKernels.Own;
    private const ProductKernels Libtorch = ProductKernels.Libtorch;

    private static readonly TrainerOptions Options =
        Toy.Options with { MaxSteps = 10, PublishEverySteps = 2, Schedule = Toy.Schedule with { Peak = 1e-2 } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, ComputeType.Float32, OptimizerKind.AdamW, Libtorch)]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Int8, ComputeType.BFloat16, OptimizerKind.Muon, Own)]
    [InlineData(ComputeType.BFloat16, WeightForm.Float32, StateForm.Float32, ComputeType.Float32, OptimizerKind.AdamW, Libtorch)]
    [InlineData(ComputeType.BFloat16, WeightForm.Float32, StateForm.Float32, ComputeType.Float32, OptimizerKind.AdamW, Own)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Float32, ComputeType.BFloat16, OptimizerKind.Muon, Libtorch)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Int8, ComputeType.Float32, OptimizerKind.AdamW, Libtorch)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Float32, ComputeType.Float32, OptimizerKind.Muon, Libtorch)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Int8, ComputeType.BFloat16, OptimizerKind.AdamW, Libtorch)]
    public async Task A_run_that_stops_and_goes_on_twice_makes_the_very_steps_of_one_that_does_not(
        ComputeType compute, WeightForm weights, StateForm states, ComputeType published, OptimizerKind optimizer, ProductKernels products)
    {
        using var folder = new TemporaryFolder();
        var options = Options with
        {
            Compute = compute,
            Weights = weights,
            States = states,
            PublishedWeights = published,
            Optimizer = optimizer,
            Products = products,
        };
        Assert.SkipUnless(
            products == ProductKernels.Libtorch || ProductChoice.CanRunOwn(options),
            "this processor has none of the server's kernels for it");
        var (expected, _) = await Run(folder.At("whole"), options);

        var (first, firstEnd) = await Run(folder.At("parts"), options, stopAfter: 5);
        var (second, secondEnd) = await Run(folder.At("parts"), options, stopAfter: 8);
        var (third, thirdEnd) = await Run(folder.At("parts"), options);

        Assert.Equal([(5L, TrainingEnd.Cancelled), (8, TrainingEnd.Cancelled), (10, TrainingEnd.MaxSteps)],
            new[] { firstEnd, secondEnd, thirdEnd }.Select(end => (end.Steps, end.End)));
        Assert.Equal(expected.Select(Essence), first.Concat(second).Concat(third).Select(Essence));
        Assert.Equal(
            File.ReadAllBytes(folder.At("whole/step-00000010/model.safetensors")),
            File.ReadAllBytes(folder.At("parts/step-00000010/model.safetensors")));
    }

    [Theory]
    [InlineData(StateForm.Float32, StateForm.Int8)]
    [InlineData(StateForm.Int8, StateForm.Float32)]
    public async Task Moments_that_are_kept_otherwise_from_here_on_are_those_that_were_saved(StateForm before, StateForm after)
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options with { States = before, MaxSteps = 6 });
        var (expected, _) = await Run(folder.At("same"), Options with { MaxSteps = 12 });

        var (steps, _) = await Run(folder.At("run"), Options with { States = after, MaxSteps = 12, ChangeRecipe = true });

        // Without its moments an optimizer's first steps are as long as they can be.
        Assert.All(expected.Skip(6).Zip(steps), pair => Assert.InRange(pair.Second.Loss, pair.First.Loss * 0.9, pair.First.Loss * 1.1));
    }

    [Fact]
    public async Task A_run_that_died_goes_on_from_its_last_checkpoint_with_the_lessons_after_it()
    {
        using var folder = new TemporaryFolder();
        var (expected, _) = await Run(folder.At("whole"), Options);
        await Run(folder.At("parts"), Options, stopAfter: 7);
        // As if it had been killed after step 7: the checkpoint of its end is not there.
        Directory.Delete(folder.At("parts/step-00000007"), recursive: true);

        var (rest, _) = await Run(folder.At("parts"), Options);

        Assert.Equal(expected.Skip(6).Select(Essence), rest.Select(Essence));
    }

    [Fact]
    public async Task Gone_on_with_near_the_end_of_the_lessons_it_learns_each_once_and_then_nothing_more()
    {
        using var folder = new TemporaryFolder();
        var lessons = Lessons.Stream(1, 4, 24).Take(60).ToList();
        var options = Options with { MaxSteps = null };
        var (expected, end) = await Run(folder.At("whole"), options, lessons: lessons);
        Assert.Equal((60, TrainingEnd.LessonsEnded), (expected.Sum(step => step.Lessons), end.End));

        // The last stop is behind the last lesson taken: what is left waits in the packer.
        var parts = new List<TrainingStep>();
        foreach (var stop in new[] { end.Steps - 3, end.Steps - 1, long.MaxValue, long.MaxValue })
        {
            parts.AddRange((await Run(folder.At("parts"), options, stopAfter: (int)Math.Min(stop, int.MaxValue), lessons: lessons)).Steps);
        }

        Assert.Equal(expected.Select(Essence), parts.Select(Essence));
    }

    [Fact]
    public async Task What_a_run_goes_on_with_can_be_read_before_it_does()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(LatestCheckpoint.Read(folder.At("run")));
        var (steps, end) = await Run(folder.At("run"), Options);

        var latest = LatestCheckpoint.Read(folder.At("run"))!;

        Assert.Equal(end.LastCheckpoint, latest.Folder);
        Assert.Equal(Toy.Config.HiddenSize, latest.Student.Config.HiddenSize);
        Assert.Equal(
            (10, steps.Sum(step => step.Lessons), steps.Sum(step => step.Tokens), steps.Sum(step => step.TeacherTokens)),
            (latest.State.Step, latest.State.Lessons, latest.State.Tokens, latest.State.TeacherTokens));
        Assert.True(BitConverter.ToInt64(latest.Curriculum!) > latest.State.Lessons);
    }

    [Fact]
    public async Task A_finished_run_does_nothing_more()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options);

        var (steps, end) = await Run(folder.At("run"), Options);

        Assert.Empty(steps);
        Assert.Equal((10, TrainingEnd.MaxSteps, folder.At("run/step-00000010")), (end.Steps, end.End, end.LastCheckpoint));
    }

    [Fact]
    public async Task It_does_not_go_on_with_another_student()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options);

        var student = Toy.Student with { Config = Toy.Config with { Layers = 3 } };
        var error = await Assert.ThrowsAsync<TrainingException>(() => Run(folder.At("run"), Options, student: student));

        Assert.Contains("a network of another shape", error.Message);
    }

    [Theory]
    [InlineData("trainer/optimizer.safetensors")]
    [InlineData("trainer/state.json")]
    [InlineData("model.safetensors")]
    [InlineData("orca.json")]
    public async Task A_damaged_newest_checkpoint_is_set_aside_and_the_one_before_is_gone_on_from(string file)
    {
        using var folder = new TemporaryFolder();
        var (expected, _) = await Run(folder.At("whole"), Options);
        await Run(folder.At("run"), Options with { MaxSteps = 10 });
        Damage(folder.At($"run/step-00000010/{file}"));

        var (steps, end) = await Run(folder.At("run"), Options);

        Assert.Equal(expected.Skip(8).Select(Essence), steps.Select(Essence));
        Assert.Equal(folder.At("run/step-00000010"), end.LastCheckpoint);
        Assert.True(file == "orca.json" || Directory.Exists(folder.At("run/damaged-step-00000010")));
    }

    [Fact]
    public async Task Who_goes_on_is_told_what_is_damaged_and_where_it_lies_now()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options);
        Damage(folder.At("run/step-00000010/model.safetensors"));
        var told = new List<string>();

        var latest = LatestCheckpoint.Read(folder.At("run"), told.Add)!;

        Assert.Equal(8, latest.State.Step);
        var sentence = Assert.Single(told);
        Assert.StartsWith("'step-00000010' is damaged and passed over (", sentence);
        Assert.EndsWith($"going on from 'step-00000008'. It lies in '{folder.At("run/damaged-step-00000010")}' now.", sentence);
    }

    [Fact]
    public async Task Where_every_checkpoint_is_damaged_it_does_not_begin_anew()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options with { KeepCheckpoints = 1 });
        Damage(folder.At("run/step-00000010/trainer/optimizer.safetensors"));

        var error = await Assert.ThrowsAsync<ModelFormatException>(() => Run(folder.At("run"), Options));

        Assert.Contains("optimizer.safetensors", error.Message);
        Assert.True(Directory.Exists(folder.At("run/step-00000010")));
    }

    [Fact]
    public async Task It_does_not_go_on_by_another_recipe_unless_that_is_meant()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options, stopAfter: 5);
        var other = Options with { Schedule = Toy.Schedule with { Peak = 2e-5 }, Optimizer = OptimizerKind.AdamW };

        var error = await Assert.ThrowsAsync<TrainingException>(() => Run(folder.At("run"), other));

        Assert.StartsWith(
            "This start would train with training.optimizer AdamW instead of Muon, training.learningRate 2E-05 instead of 0.01, which "
                + $"'{folder.At("run/step-00000005")}' was trained with; ",
            error.Message);
        Assert.EndsWith("or training.changeRecipe=true to change it from here on.", error.Message);
        Assert.Equal(10, (await Run(folder.At("run"), other with { ChangeRecipe = true })).End.Steps);
    }

    [Fact]
    public async Task A_run_whose_gradient_is_never_clipped_is_gone_on_with()
    {
        using var folder = new TemporaryFolder();
        var options = Options with { MaxGradientNorm = double.PositiveInfinity };
        await Run(folder.At("run"), options, stopAfter: 5);

        var (_, end) = await Run(folder.At("run"), options);

        Assert.Equal((10L, null), (end.Steps, end.PublishFault));
    }

    [Fact]
    public async Task Another_optimizer_begins_without_the_moments_of_the_one_before()
    {
        using var folder = new TemporaryFolder();
        var options = Options with { MaxSteps = 60, Optimizer = OptimizerKind.Muon, PublishEverySteps = 0 };
        var (before, _) = await Run(folder.At("run"), options, lessons: Toy.Repeat(4), stopAfter: 40);

        var (after, _) = await Run(
            folder.At("run"),
            options with { Optimizer = OptimizerKind.AdamW, Schedule = Toy.Schedule with { Peak = 1e-4 }, ChangeRecipe = true },
            lessons: Toy.Repeat(4));

        Assert.InRange(after.Max(step => step.Loss), 0, before[^1].Loss + 0.2);
        Assert.Equal(60, after[^1].Step);
    }

    [Fact]
    public async Task The_rate_neither_warms_up_twice_nor_rises_when_a_run_is_made_longer()
    {
        using var folder = new TemporaryFolder();
        var (first, _) = await Run(folder.At("run"), Options);
        var (second, _) = await Run(folder.At("run"), Options with { MaxSteps = 20 });
        var (third, _) = await Run(folder.At("run"), Options with { MaxSteps = 30, RestartSchedule = true });

        Assert.Equal(first[^1].LearningRate, second[0].LearningRate);
        Assert.All(second.Zip(second.Skip(1)), pair => Assert.True(pair.Second.LearningRate <= pair.First.LearningRate));
        Assert.Equal([1.0 / 3, 2.0 / 3], third.Take(2).Select(step => step.LearningRate / step.RateLevel / Options.Schedule.Peak), Near);
        Assert.Equal(1, third[0].RateLevel, 12);
    }

    private static bool Near(double one, double other) => Math.Abs(one - other) < 1e-9;

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    [Fact]
    public async Task A_new_run_can_begin_from_the_weights_of_a_model_folder()
    {
        using var folder = new TemporaryFolder();
        var (_, end) = await Run(folder.At("first"), Options with { MaxSteps = 200, PublishEverySteps = 0 }, lessons: Toy.Repeat(4));

        var student = Student.Open(end.LastCheckpoint!);
        var (steps, _) = await Run(folder.At("second"), Options, student: student, lessons: Toy.Repeat(4));

        Assert.Equal(1, steps[0].Step);
        Assert.InRange(steps[0].Loss, 0, 1);
    }

    private static (long Step, double Loss, double Norm, double Rate, int Lessons) Essence(TrainingStep step) =>
        (step.Step, step.Loss, step.GradientNorm, step.LearningRate, step.Lessons);

    /// <summary>Runs as a daemon does: the curriculum's state is how many lessons were taken, and tells where to go on.</summary>
    private static async Task<(List<TrainingStep> Steps, TrainingSummary End)> Run(
        string root, TrainerOptions options, int stopAfter = int.MaxValue, Student? student = null, IEnumerable<Lesson>? lessons = null)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var taken = LatestCheckpoint.Read(root) is { Curriculum: { } curriculum } ? BitConverter.ToInt64(curriculum) : 0;
        var trainer = new Trainer(options, new TrainingRun
        {
            Student = student ?? Toy.Student,
            CheckpointRoot = root,
            Curriculum = count => new CurriculumSnapshot(BitConverter.GetBytes(count), 7),
        });
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(step =>
        {
            steps.Add(step);
            if (step.Step >= stopAfter)
            {
                cancel.Cancel();
            }
        });
        var end = await trainer.RunAsync(Toy.Channel((lessons ?? Lessons.Stream(1, 4, 24)).Skip((int)taken)), cancel.Token);
        return (steps, end);
    }
}
