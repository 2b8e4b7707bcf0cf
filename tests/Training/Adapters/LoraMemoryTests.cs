using Orca.Model.Network;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Checkpoints;
using Orca.Training.Memory;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;

namespace Orca.Training.Tests.Adapters;

/// <summary>What adapters take, and what they spare.</summary>
public sealed class LoraMemoryTests
{
    private static readonly LlamaConfig Large = LlamaShapes.ByName["13b"];

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, 4)]
    [InlineData(ComputeType.BFloat16, WeightForm.Float32, StateForm.Int8, 4)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Float32, 4)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Int8, 2)]
    public void The_ledger_holds_what_the_learner_takes_and_frozen_weights_are_there_once(
        ComputeType compute, WeightForm weights, StateForm states, int bytesEach)
    {
        var options = LoraToy.Options with
        {
            Compute = compute,
            Weights = weights,
            States = states,
            Products = ProductKernels.Libtorch,
        };
        using var learner = Toy.Learner(options);

        var ledger = MemoryLedger.Of(Toy.Config, options);

        Assert.Equal(learner.Adapted!.Frozen.Bytes, Bytes(ledger, "frozen weights"));
        Assert.Equal(
            learner.Parameters.Bytes, Bytes(ledger, "weights") + Bytes(ledger, "gradients") + Bytes(ledger, "states"));
        // Each is rounded up to 128 numbers.
        var numbers = LlamaParameters.ShapesOf(Toy.Config).Sum(shape => (shape.Count + 127) / 128 * 128);
        Assert.Equal(bytesEach * numbers, learner.Adapted.Frozen.Bytes);
    }

    [Fact]
    public void Adapters_of_thirteen_billion_parameters_take_a_quarter_of_what_all_weights_take()
    {
        var whole = new TrainerOptions
        {
            BatchRows = 1,
            SequenceLength = 2_048,
            Optimizer = OptimizerKind.AdamW,
            Recompute = Recompute.Full,
            Compute = ComputeType.BFloat16,
            Weights = WeightForm.BFloat16,
            PublishAtStart = false,
            PublishEverySteps = 0,
        };
        var adapted = MemoryLedger.Of(Large, whole with { Lora = new LoraOptions { Rank = 8 } });

        Assert.Equal(2.0 * Large.ParameterCount, Bytes(adapted, "frozen weights"), 0.001 * Large.ParameterCount);
        Assert.InRange(Bytes(adapted, "weights") + Bytes(adapted, "gradients") + Bytes(adapted, "states"), 1, 500_000_000);
        Assert.InRange(adapted.Bytes, 26_000_000_000, MemoryLedger.Of(Large, whole).Bytes / 4);
    }

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, ComputeType.Float32, true)]
    [InlineData(ComputeType.Float32, WeightForm.Float32, ComputeType.BFloat16, false)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, ComputeType.BFloat16, true)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, ComputeType.Float32, false)]
    public void What_is_copied_for_a_checkpoint_is_the_merged_student_as_it_is_published(
        ComputeType compute, WeightForm weights, ComputeType published, bool isBeside)
    {
        var options = LoraToy.Options with
        {
            Compute = compute,
            Weights = weights,
            PublishedWeights = published,
            PublishInBackground = isBeside,
            Products = ProductKernels.Libtorch,
        };
        using var learner = Toy.Learner(options);
        using var snapshot = RunSnapshot.Of(
            learner, options, new SavedRun(new TrainerState(), new LessonPacker(new PackingOptions(24, 4, 50)).State, null), curriculum: null);

        var merged = snapshot.Weights.Values.Sum(tensor => tensor.numel() * tensor.element_size());
        var beside = snapshot.Optimizer.Values.Concat(snapshot.Adapters.Values).Sum(tensor => tensor.numel() * tensor.element_size());
        Assert.Equal((published == ComputeType.Float32 ? 4 : 2) * Toy.Config.ParameterCount, merged);
        Assert.Equal(learner.Parameters.Names.Order(), snapshot.Adapters.Keys.Order());
        // Slots of what is trained are rounded up to 128 numbers; the smallest adapters are of 24.
        var copied = Bytes(MemoryLedger.Of(Toy.Config, options), "a checkpoint's copy");
        Assert.InRange(copied, merged + (isBeside ? beside : 0), merged + (isBeside ? 128 / 24 * beside : 0));
    }

    [Fact]
    public void Activations_of_adapters_are_counted()
    {
        var narrow = MemoryLedger.Of(Large, new TrainerOptions { Lora = new LoraOptions { Rank = 8 } });
        var wide = MemoryLedger.Of(Large, new TrainerOptions { Lora = new LoraOptions { Rank = 64 } });
        var fewer = MemoryLedger.Of(Large, new TrainerOptions { Lora = new LoraOptions { Rank = 64, Targets = ["q_proj"] } });
        const long Tokens = 2 * 512;

        // What each A gives, of the layers' seven, and of the one that is gone back through, which is counted apart.
        Assert.Equal(Tokens * 4 * 56 * 7 * 40, Bytes(wide, "activations") - Bytes(narrow, "activations"));
        Assert.Equal(Tokens * 4 * 64 * 6 * 40, Bytes(wide, "activations") - Bytes(fewer, "activations"));
    }

    private static long Bytes(MemoryLedger ledger, string name) => ledger.Entries.Single(entry => entry.Name == name).Bytes;
}
