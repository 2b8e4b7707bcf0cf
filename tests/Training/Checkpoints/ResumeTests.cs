using Orca.Model;
using Orca.Streams.Curricula;
using Orca.Training.Checkpoints;
using Orca.Training.Optimization;

namespace Orca.Training.Tests.Checkpoints;

public sealed class ResumeTests
{
    private static readonly TrainerOptions Options = Toy.Options with { MaxSteps = 10, PublishEverySteps = 2, LearningRate = 1e-2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ComputeType.Float32, ComputeType.Float32, OptimizerKind.AdamW)]
    [InlineData(ComputeType.Float32, ComputeType.BFloat16, OptimizerKind.AdamW)]
    [InlineData(ComputeType.BFloat16, ComputeType.Float32, OptimizerKind.AdamW)]
    [InlineData(ComputeType.Float32, ComputeType.Float32, OptimizerKind.Muon)]
    public async Task A_run_that_stops_and_goes_on_twice_makes_the_very_steps_of_one_that_does_not(
        ComputeType compute, ComputeType published, OptimizerKind optimizer)
    {
        using var folder = new TemporaryFolder();
        var options = Options with { Compute = compute, PublishedWeights = published, Optimizer = optimizer };
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

    [Fact]
    public async Task It_does_not_go_on_with_a_damaged_trainer_state()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options);
        var path = folder.At("run/step-00000010/trainer/optimizer.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        var error = await Assert.ThrowsAsync<ModelFormatException>(() => Run(folder.At("run"), Options));

        Assert.Contains("optimizer.safetensors", error.Message);
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
