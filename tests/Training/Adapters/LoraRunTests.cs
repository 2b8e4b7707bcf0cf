using System.Text.Json.Nodes;
using Orca.Model.Checkpoints;
using Orca.Model.Weights;
using Orca.Streams.Curricula;
using Orca.Training.Adapters;
using Orca.Training.Checkpoints;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Adapters;

/// <summary>Runs with adapters: what they publish, and how they go on.</summary>
public sealed class LoraRunTests
{
    private static readonly TrainerOptions Options =
        LoraToy.Options with
        {
            MaxSteps = 10,
            PublishEverySteps = 5,
            Schedule = Toy.Schedule with { Peak = 1e-2 },
            Optimizer = OptimizerKind.AdamW,
        };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, ComputeType.Float32, OptimizerKind.AdamW, false)]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Int8, ComputeType.BFloat16, OptimizerKind.Muon, true)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Float32, ComputeType.BFloat16, OptimizerKind.Muon, true)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Int8, ComputeType.Float32, OptimizerKind.AdamW, true)]
    public async Task A_run_that_stops_and_goes_on_makes_the_very_steps_of_one_that_does_not(
        ComputeType compute, WeightForm weights, StateForm states, ComputeType published, OptimizerKind optimizer, bool hasFolder)
    {
        using var folder = new TemporaryFolder();
        var student = hasFolder ? await Base(folder) : Toy.Student;
        var options = Options with
        {
            Compute = compute,
            Weights = weights,
            States = states,
            PublishedWeights = published,
            Optimizer = optimizer,
        };
        var (expected, _) = await Run(folder.At("whole"), options, student);

        var (first, _) = await Run(folder.At("parts"), options, student, stopAfter: 4);
        // As the daemon does, with the student of the latest checkpoint; where nothing is rounded at random, whatever the seed is now.
        var latest = LatestCheckpoint.Read(folder.At("parts"))!;
        var isExact = weights != WeightForm.BFloat16 && states == StateForm.Float32;
        var (second, end) = await Run(folder.At("parts"), options with { Seed = isExact ? 99 : options.Seed }, latest.Student);

        Assert.Equal(4, latest.State.Step);
        Assert.Equal(expected.Select(step => (step.Step, step.Loss, step.GradientNorm)),
            first.Concat(second).Select(step => (step.Step, step.Loss, step.GradientNorm)));
        foreach (var file in new[] { "model.safetensors", "trainer/adapter_model.safetensors", "trainer/optimizer.safetensors" })
        {
            Assert.Equal(
                File.ReadAllBytes(folder.At($"whole/step-00000010/{file}")), File.ReadAllBytes(Path.Combine(end.LastCheckpoint!, file)));
        }
    }

    [Fact]
    public async Task What_is_published_is_one_model_and_the_adapters_lie_beside_it_as_peft_names_them()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var student = await Base(folder);
        var options = Options with { Lora = LoraToy.Lora with { Targets = ["q_proj", "down_proj"] } };

        var (_, end) = await Run(folder.At("run"), options, student);

        using var before = Checkpoint.Open(student.WeightsFolder!);
        using var published = Checkpoint.Open(end.LastCheckpoint!);
        using var adapters = SafetensorsFile.Open(Path.Combine(end.LastCheckpoint!, "trainer/adapter_model.safetensors"));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(end.LastCheckpoint!, "trainer/adapter_config.json")))!;
        Assert.Equal(("LORA", "CAUSAL_LM", 3, 12.0, student.WeightsFolder), (
            (string)config["peft_type"]!, (string)config["task_type"]!, (int)config["r"]!, (double)config["lora_alpha"]!,
            (string)config["base_model_name_or_path"]!));
        Assert.Equal(["q_proj", "down_proj"], config["target_modules"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(
            from layer in Enumerable.Range(0, 2)
            from projection in new[] { "mlp.down_proj", "self_attn.q_proj" }
            from part in new[] { "lora_A", "lora_B" }
            select $"base_model.model.model.layers.{layer}.{projection}.{part}.weight",
            adapters.Names.Order(StringComparer.Ordinal));
        foreach (var name in Orca.Model.Network.LlamaParameters.ShapesOf(Toy.Config).Select(shape => shape.Name))
        {
            var expected = before.Weight(name);
            if (options.Lora.Adapts(name))
            {
                var projection = $"base_model.model.{name[..^".weight".Length]}";
                expected += adapters.Map(projection + ".lora_B.weight").matmul(adapters.Map(projection + ".lora_A.weight")) * 4;
                Assert.NotEqual(before.Weight(name).data<float>().ToArray(), published.Weight(name).data<float>().ToArray());
            }

            Assert.All(
                expected.data<float>().ToArray().Zip(published.Weight(name).data<float>().ToArray()),
                pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        }
    }

    [Fact]
    public async Task A_run_goes_on_from_its_base_wherever_it_lies_now_and_never_from_another()
    {
        using var folder = new TemporaryFolder();
        var student = await Base(folder);
        await Run(folder.At("run"), Options, student, stopAfter: 4);
        var latest = LatestCheckpoint.Read(folder.At("run"))!;
        var moved = folder.At("moved");
        Directory.Move(student.WeightsFolder!, moved);

        var gone = await Assert.ThrowsAsync<TrainingException>(() => Run(folder.At("run"), Options, latest.Student));

        Assert.Equal(
            $"The run's adapters stand beside the weights of '{student.WeightsFolder}', which is not there; put it back, or give the "
                + "folder where it lies now (--student DIR).",
            gone.Message);
        Assert.Equal(6, (await Run(folder.At("run"), Options, Student.Open(moved), stopAfter: 6)).Steps[^1].Step);

        await Base(folder, seed: 8);
        var changed = await Assert.ThrowsAsync<TrainingException>(() => Run(folder.At("run"), Options, latest.Student));
        Assert.StartsWith($"'{student.WeightsFolder}' holds other weights than those beside which the run's adapters", changed.Message);
        Assert.Equal(changed.Message, Assert.Throws<TrainingException>(() => latest.State.Base!.Require(latest.Student)).Message);
    }

    [Theory]
    [InlineData(4, 12, "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "training.lora.rank 4 instead of 3")]
    [InlineData(3, 16, "q_proj,v_proj", "training.lora.alpha 16 instead of 12, training.lora.targets q_proj,v_proj instead of q_proj,")]
    [InlineData(0, 12, "q_proj", "training.lora.rank 0 instead of 3")]
    public async Task A_run_keeps_its_adapters_even_where_its_recipe_may_change(int rank, double alpha, string targets, string difference)
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options, Toy.Student, stopAfter: 2);
        var other = Options with { Lora = new LoraOptions { Rank = rank, Alpha = alpha, Targets = [.. targets.Split(',')] } };

        foreach (var change in new[] { false, true })
        {
            var error = await Assert.ThrowsAsync<TrainingException>(
                () => Run(folder.At("run"), other with { ChangeRecipe = change }, Toy.Student));
            Assert.StartsWith($"This start would train with {difference}", error.Message);
            Assert.Contains("a run keeps its adapters: give the same again to go on, or begin another run", error.Message);
        }
    }

    [Fact]
    public async Task A_run_that_trains_all_weights_does_not_go_on_with_adapters()
    {
        using var folder = new TemporaryFolder();
        await Run(folder.At("run"), Options with { Lora = LoraOptions.None }, Toy.Student, stopAfter: 2);

        var error = await Assert.ThrowsAsync<TrainingException>(() => Run(folder.At("run"), Options, Toy.Student));
        Assert.StartsWith("This start would train with training.lora.rank 3 instead of 0", error.Message);

        // A checkpoint that does not say how it was trained.
        File.Delete(folder.At("run/step-00000002/trainer/recipe.json"));
        var manifest = JsonNode.Parse(File.ReadAllText(folder.At("run/step-00000002/orca.json")))!;
        manifest["digests"]!.AsObject().Remove("trainer/recipe.json");
        File.WriteAllText(folder.At("run/step-00000002/orca.json"), manifest.ToJsonString());
        error = await Assert.ThrowsAsync<TrainingException>(() => Run(folder.At("run"), Options, Toy.Student));
        Assert.Contains("was trained without adapters (training.lora.rank)", error.Message);
    }

    // A student that has been trained before.
    private static async Task<Student> Base(TemporaryFolder folder, int seed = 5)
    {
        if (Directory.Exists(folder.At("base")))
        {
            Directory.Delete(folder.At("base"), recursive: true);
        }

        await Run(folder.At("base"), Toy.Options with { MaxSteps = 3, PublishAtStart = false, Seed = seed }, Toy.Student);
        return Student.Open(folder.At("base/step-00000003"));
    }

    private static async Task<(List<TrainingStep> Steps, TrainingSummary End)> Run(
        string root, TrainerOptions options, Student student, int stopAfter = int.MaxValue)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var taken = LatestCheckpoint.Read(root) is { Curriculum: { } curriculum } ? BitConverter.ToInt64(curriculum) : 0;
        var trainer = new Trainer(options, new TrainingRun
        {
            Student = student,
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
        var end = await trainer.RunAsync(Toy.Channel(Lessons.Stream(1, 4, 24).Skip((int)taken)), cancel.Token);
        return (steps, end);
    }
}
