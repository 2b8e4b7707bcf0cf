using Orca.Model.Checkpoints;
using Orca.Streams;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Checkpoints;
using Orca.Training.Optimization;
using Orca.Training.Parameters;

namespace Orca.Training.Tests.Running;

/// <summary>The student taken back to a checkpoint while its run goes on.</summary>
public sealed class RollBackTests
{
    private static readonly TrainerOptions Options = Toy.Options with
    {
        MaxSteps = 9,
        PublishEverySteps = 2,
        KeepCheckpoints = 20,
        Schedule = new() { Peak = 1e-2, WarmUpSteps = 0, Shape = DecayShape.Constant },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, OptimizerKind.AdamW, null)]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Int8, OptimizerKind.Muon, null)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Int8, OptimizerKind.AdamW, ProductKernels.Libtorch)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Float32, OptimizerKind.Muon, ProductKernels.Libtorch)]
    public async Task The_student_and_all_that_moves_it_are_the_checkpoints_to_the_bit(
        ComputeType compute, WeightForm weights, StateForm states, OptimizerKind optimizer, ProductKernels? products)
    {
        using var folder = new TemporaryFolder();
        var options = Options with { Compute = compute, Weights = weights, States = states, Optimizer = optimizer, Products = products };

        var (steps, rollbacks, _) = await Run(folder.At("run"), options, order: (7, "step-00000004"));

        // Steps that are made anew of the same lessons have the losses that they had, whatever their numbers.
        Assert.Equal([1L, 2, 3, 4, 5, 6, 8, 9], steps.Select(step => step.Step));
        Assert.Equal(steps.Skip(4).Take(2).Select(step => step.Loss), steps.Skip(6).Select(step => step.Loss));
        Assert.Equal([new Rollback(7, "step-00000004", null)], rollbacks);
        string[] files = ["model.safetensors", "trainer/optimizer.safetensors", "trainer/packer.json", "trainer/curriculum.bin"];
        foreach (var file in files)
        {
            Assert.Equal(
                File.ReadAllBytes(folder.At($"run/step-00000004/{file}")), File.ReadAllBytes(folder.At($"run/step-00000007/{file}")));
        }
    }

    [Fact]
    public async Task Adapters_are_taken_back_too()
    {
        using var folder = new TemporaryFolder();
        var options = Options with { Lora = new() { Rank = 2 }, Optimizer = OptimizerKind.AdamW };

        var (steps, _, _) = await Run(folder.At("run"), options, order: (7, "step-00000004"));

        Assert.Equal(steps.Skip(4).Take(2).Select(step => step.Loss), steps.Skip(6).Select(step => step.Loss));
    }

    [Fact]
    public async Task It_is_published_at_once_under_a_new_number_and_names_where_it_comes_from()
    {
        using var folder = new TemporaryFolder();

        var (_, _, link) = await Run(folder.At("run"), Options, order: (7, "step-00000004"));

        Assert.Equal(
            ["fill 7", "filled 7", "rolled back to step-00000004", "fill 8", "filled 8", "made 8"],
            link.Calls.SkipWhile(call => call != "fill 7").Take(6));
        Assert.Equal("step-00000004", ParentOf(folder.At("run/step-00000007")));
        Assert.Equal("step-00000007", ParentOf(folder.At("run/step-00000008")));
        Assert.Equal(BitConverter.ToInt64(link.Rollbacks.Single().Curriculum), CurriculumOf(folder.At("run/step-00000004")));
        var (before, after) = (StateOf(folder.At("run/step-00000004")), StateOf(folder.At("run/step-00000007")));
        Assert.Equal(before with { Step = 7, RateLevel = after.RateLevel, ScheduleRestarts = 0 }, after);
    }

    [Fact]
    public async Task A_kill_after_it_goes_on_from_what_was_published()
    {
        using var folder = new TemporaryFolder();
        var (expected, _, _) = await Run(folder.At("whole"), Options, order: (7, "step-00000004"));
        await Run(folder.At("killed"), Options with { MaxSteps = 8 }, order: (7, "step-00000004"));
        // As if it had been killed in step 8.
        Directory.Delete(folder.At("killed/step-00000008"), recursive: true);

        var (rest, _, _) = await Run(folder.At("killed"), Options);

        Assert.Equal([8L, 9], rest.Select(step => step.Step));
        Assert.Equal(expected.TakeLast(2).Select(step => step.Loss), rest.Select(step => step.Loss));
    }

    [Fact]
    public async Task The_schedule_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        var options = Options with { Schedule = Toy.Schedule };
        var (expected, _, _) = await Run(folder.At("whole"), options);

        var (steps, _, _) = await Run(folder.At("run"), options, order: (7, "step-00000004"));

        Assert.Equal(expected.Where(step => step.Step != 7).Select(step => step.LearningRate), steps.Select(step => step.LearningRate));
    }

    [Theory]
    [InlineData("step-00000004/model.safetensors", "the checkpoint is damaged")]
    [InlineData("step-00000004/trainer/state.json", "the checkpoint is damaged")]
    public async Task A_damaged_checkpoint_is_refused_in_words_and_the_run_goes_on(string file, string reason)
    {
        using var folder = new TemporaryFolder();
        var (expected, _, _) = await Run(folder.At("whole"), Options);

        var (steps, rollbacks, link) = await Run(
            folder.At("run"), Options, order: (7, "step-00000004"), before: () => Damage(folder.At($"run/{file}")));

        AssertRefused(expected, steps, rollbacks, link, reason);
    }

    [Theory]
    [InlineData("step-00000005", "there is no such checkpoint")]
    [InlineData("../whole/step-00000004", "there is no such checkpoint")]
    public async Task What_is_none_of_the_runs_checkpoints_is_refused(string name, string reason)
    {
        using var folder = new TemporaryFolder();
        var (expected, _, _) = await Run(folder.At("whole"), Options);

        var (steps, rollbacks, link) = await Run(folder.At("run"), Options, order: (7, name));

        AssertRefused(expected, steps, rollbacks, link, reason);
    }

    [Fact]
    public async Task A_checkpoint_of_another_recipe_is_refused()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options with { MaxSteps = 4, Optimizer = OptimizerKind.AdamW });

        var (steps, rollbacks, _) = await Run(
            folder.At("run"), Options with { ChangeRecipe = true }, order: (7, "step-00000004"));

        Assert.Contains("it was moved by AdamW", rollbacks.Single().Fault);
        Assert.Equal([5L, 6, 7, 8, 9], steps.Select(step => step.Step));
    }

    [Fact]
    public async Task A_checkpoint_whose_lessons_cannot_be_taken_back_is_refused_and_the_student_stays()
    {
        using var folder = new TemporaryFolder();
        var (expected, _, _) = await Run(folder.At("whole"), Options);

        var (steps, rollbacks, link) = await Run(
            folder.At("run"), Options, order: (7, "step-00000004"),
            onRolledBack: _ => throw new TaskFormatException("The checkpoint stands in the stage 'other'."));

        AssertRefused(expected, steps, rollbacks, link, "The checkpoint stands in the stage 'other'.");
    }

    [Fact]
    public async Task Where_the_curriculum_has_ended_the_student_stays_and_nothing_is_told()
    {
        using var folder = new TemporaryFolder();
        var (expected, _, _) = await Run(folder.At("whole"), Options);

        var (steps, rollbacks, link) = await Run(
            folder.At("run"), Options, order: (7, "step-00000004"), onRolledBack: _ => false);

        Assert.Equal(expected.Select(step => step.Loss), steps.Select(step => step.Loss));
        Assert.Empty(rollbacks);
        Assert.Empty(link.Refusals);
    }

    [Fact]
    public void A_checkpoint_that_is_read_is_not_removed()
    {
        using var folder = new TemporaryFolder();
        foreach (var step in Enumerable.Range(1, 3))
        {
            Directory.CreateDirectory(folder.At($"run/step-0000000{step}"));
            File.WriteAllText(folder.At($"run/step-0000000{step}/orca.json"), "{}");
        }

        var held = new HeldCheckpoint();
        using (held.Hold(folder.At("run/step-00000001")))
        {
            held.Prune(folder.At("run"), keep: 1);
            Assert.Equal(["step-00000001", "step-00000003"], Names());
        }

        held.Prune(folder.At("run"), keep: 1);
        Assert.Equal(["step-00000003"], Names());

        IEnumerable<string?> Names() => Directory.GetDirectories(folder.At("run")).Select(Path.GetFileName).Order();
    }

    private static void AssertRefused(
        List<TrainingStep> expected, List<TrainingStep> steps, List<Rollback> rollbacks, ScriptedLink link, string reason)
    {
        Assert.Equal(expected.Select(step => step.Loss), steps.Select(step => step.Loss));
        Assert.Contains(reason, rollbacks.Single().Fault);
        Assert.Equal(rollbacks.Single().Fault, link.Refusals.Single().Reason);
    }

    private static string? ParentOf(string folder) => CheckpointManifest.Read(folder)!.Parent;

    private static long CurriculumOf(string folder) =>
        BitConverter.ToInt64(File.ReadAllBytes(Path.Combine(folder, "trainer", "curriculum.bin")));

    private static TrainerState StateOf(string folder) =>
        TrainerState.FromJson(File.ReadAllBytes(Path.Combine(folder, "trainer", "state.json")));

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Runs with a curriculum whose state is how many lessons were taken: by that it goes on, and back.</summary>
    private static async Task<(List<TrainingStep> Steps, List<Rollback> Rollbacks, ScriptedLink Link)> Run(
        string root, TrainerOptions options, (long Step, string Checkpoint)? order = null, Action? before = null,
        Func<byte[], bool>? onRolledBack = null)
    {
        var taken = LatestCheckpoint.Read(root) is { Curriculum: { } curriculum } ? BitConverter.ToInt64(curriculum) : 0;
        var lessons = Lessons.Stream(1, 4, 24).Take(400).ToList();
        var link = new ScriptedLink(step =>
        {
            if (step == order?.Step)
            {
                before?.Invoke();
                return new StepOrders(1, 0, new RollBackOrder(3, order.Value.Checkpoint));
            }

            return StepOrders.None;
        })
        {
            OnRolledBack = onRolledBack ?? (saved =>
            {
                taken = BitConverter.ToInt64(saved);
                return true;
            }),
        };
        var trainer = new Trainer(options, new TrainingRun
        {
            Student = Toy.Student,
            CheckpointRoot = root,
            Curriculum = count => new CurriculumSnapshot(BitConverter.GetBytes(count), 7),
            Link = link,
        });
        var (steps, rollbacks) = (new List<TrainingStep>(), new List<Rollback>());
        using var subscription = trainer.Steps.Subscribe(steps.Add);
        using var second = trainer.Rollbacks.Subscribe(rollbacks.Add);
        await trainer.RunAsync(Toy.Channel(Taken()), Token);
        return (steps, rollbacks, link);

        IEnumerable<Lesson> Taken()
        {
            while (taken < lessons.Count)
            {
                yield return lessons[(int)taken++];
            }
        }
    }
}
