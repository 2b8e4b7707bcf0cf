using Orca.Model.Network;
using Orca.Training.Activations;
using Orca.Training.Memory;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using TorchSharp;

namespace Orca.Training.Tests.Memory;

/// <summary>What training takes is known before any of it is taken.</summary>
public sealed class MemoryPlanTests
{
    private const long Billion = 1_000_000_000;

    private static readonly LlamaConfig Large = LlamaShapes.ByName["13b"];

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, OptimizerKind.AdamW)]
    [InlineData(ComputeType.BFloat16, WeightForm.Float32, StateForm.Int8, OptimizerKind.AdamW)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Float32, OptimizerKind.Muon)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Int8, OptimizerKind.Muon)]
    public void Weights_gradients_and_states_are_those_that_the_learner_takes(
        ComputeType compute, WeightForm weights, StateForm states, OptimizerKind optimizer)
    {
        var options = Toy.Options with { Compute = compute, Weights = weights, States = states, Optimizer = optimizer };
        using var learner = Toy.Learner(options);
        var ledger = MemoryLedger.Of(Toy.Config, options);
        Assert.Equal(
            learner.Parameters.Bytes,
            ledger.Entries.Where(entry => entry.Name is "weights" or "gradients" or "states").Sum(entry => entry.Bytes));
    }

    [Fact]
    public void Thirteen_billion_parameters_are_planned_without_their_memory()
    {
        var options = Tuned with { Compute = ComputeType.BFloat16, Weights = WeightForm.BFloat16, States = StateForm.Int8, Device = "cuda" };
        var before = Environment.WorkingSet;
        var ledger = MemoryLedger.Of(Large, options);

        Assert.InRange(Environment.WorkingSet - before, long.MinValue, Billion);
        Assert.Equal(2.0 * Large.ParameterCount, Bytes(ledger, "weights"), 0.001 * Large.ParameterCount);
        Assert.Equal(2.06 * Large.ParameterCount, Bytes(ledger, "states"), 0.01 * Large.ParameterCount);
        // Full fine-tuning on one device of 141 GB, its gradients held or not.
        Assert.InRange(ledger.Bytes, 80 * Billion, 110 * Billion);
        var released = MemoryLedger.Of(Large, options with { OptimizerInBackward = true, MaxGradientNorm = double.PositiveInfinity });
        Assert.InRange(ledger.Bytes - released.Bytes, 20 * Billion, 26 * Billion);
    }

    [Fact]
    public void Each_way_to_save_memory_saves_some()
    {
        var ways = new[]
        {
            Tuned with { Recompute = Recompute.None }, Tuned with { Recompute = Recompute.Selective }, Tuned,
            Tuned with { Compute = ComputeType.BFloat16, Weights = WeightForm.Split },
            Tuned with { Compute = ComputeType.BFloat16, Weights = WeightForm.Split, States = StateForm.Int8 },
            Tuned with { Compute = ComputeType.BFloat16, Weights = WeightForm.BFloat16, States = StateForm.Int8 },
        };
        var bytes = ways.Select(options => MemoryLedger.Of(Large, options).Bytes).ToList();
        Assert.Equal(bytes.OrderDescending(), bytes);
        Assert.Equal(bytes.Distinct().Count(), bytes.Count);
    }

    [Fact]
    public void A_plan_that_cannot_fit_is_refused_with_what_would_make_it_fit()
    {
        var config = LlamaShapes.ByName["1b"];
        var cache = new MemoryEntry("its cache", Billion / 4);
        var error = Assert.Throws<TrainingException>(() => MemoryPlan.Require(config, Tuned, 8 * Billion, cache));

        Assert.Contains("Training takes ", error.Message);
        Assert.Contains("its cache 250 MB", error.Message);
        Assert.Contains("8.0 GB are free", error.Message);
        Assert.Contains("training.compute=BFloat16", error.Message);
        Assert.Contains("training.states=Int8", error.Message);
        Assert.Contains("training.plan=Auto", error.Message);
        var fitting = MemoryPlan.Fitting(config, Tuned, 8 * Billion)!;
        Assert.InRange(MemoryLedger.Of(config, fitting).Bytes, 1, 8 * Billion);
        Assert.Empty(fitting.Faults());
    }

    [Fact]
    public void A_plan_with_narrower_weights_leaves_kernels_that_do_not_know_them()
    {
        var wanted = Tuned with { Products = ProductKernels.Own };

        var fitting = MemoryPlan.Fitting(LlamaShapes.ByName["1b"], wanted, 8 * Billion)!;

        Assert.NotEqual(WeightForm.Float32, fitting.Weights);
        Assert.Equal(ProductKernels.Libtorch, fitting.Products);
        Assert.Contains("training.products=Libtorch", MemoryPlan.Changes(wanted, fitting));
        Assert.Empty(fitting.Faults());
        var fault = Assert.Single((fitting with { Products = ProductKernels.Own }).Faults());
        Assert.Contains("weights in Float32", fault);
    }

    [Fact]
    public void A_store_of_8_bits_frees_all_that_it_made()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (new BlockInt8Store(1_024, signed: true, torch.CPU))
        {
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void What_fits_stays_as_it_was_given()
    {
        Assert.Same(Tuned, MemoryPlan.Fitting(Toy.Config, Tuned, Billion));
        Assert.Empty(MemoryPlan.Changes(Tuned, Tuned));
    }

    [Fact]
    public void Where_nothing_fits_it_says_so()
    {
        Assert.Null(MemoryPlan.Fitting(Large, Tuned, Billion));
        var error = Assert.Throws<TrainingException>(() => MemoryPlan.Require(Large, Tuned, Billion));
        Assert.Contains("no form of it fits", error.Message);
    }

    private static TrainerOptions Tuned { get; } = new()
    {
        BatchRows = 1,
        SequenceLength = 2_048,
        Optimizer = OptimizerKind.AdamW,
        Recompute = Recompute.Full,
    };

    private static long Bytes(MemoryLedger ledger, string name) => ledger.Entries.Single(entry => entry.Name == name).Bytes;
}
