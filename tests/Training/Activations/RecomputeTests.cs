using Orca.Training.Activations;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using TorchSharp;

namespace Orca.Training.Tests.Activations;

/// <summary>Flags that save memory: they change what is kept, never a number.</summary>
public sealed class RecomputeTests
{
    public static TheoryData<Recompute, ComputeType, bool, ProductKernels> Forms => new(
        from recompute in new[] { Recompute.Selective, Recompute.Full }
        from compute in Enum.GetValues<ComputeType>()
        from isTied in new[] { true, false }
        from products in Enum.GetValues<ProductKernels>()
        select (recompute, compute, isTied, products));

    [Theory]
    [MemberData(nameof(Forms))]
    public void Recomputed_layers_give_the_same_loss_and_gradient_bit_for_bit(
        Recompute recompute, ComputeType compute, bool isTied, ProductKernels products)
    {
        var options = Toy.Options with { Compute = compute, Products = products };
        Assert.SkipUnless(
            products == ProductKernels.Libtorch || ProductChoice.CanRunOwn(options),
            "this processor has none of the server's kernels for it");
        var config = Toy.Config with { TiedEmbeddings = isTied };
        using var kept = Toy.Learner(options, config);
        using var recomputed = Toy.Learner(options with { Recompute = recompute }, config);
        var batches = Batches(3);

        Assert.Equal(kept.Accumulate(batches), recomputed.Accumulate(batches));
        Assert.Equal(kept.Parameters.AllGradients(), recomputed.Parameters.AllGradients());
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW, StateForm.Float32)]
    [InlineData(OptimizerKind.Muon, StateForm.Float32)]
    [InlineData(OptimizerKind.AdamW, StateForm.Int8)]
    public void Layers_moved_in_the_backward_pass_are_moved_as_after_it(OptimizerKind optimizer, StateForm states)
    {
        var options = Toy.Options with
        {
            Recompute = Recompute.Full,
            MaxGradientNorm = double.PositiveInfinity,
            Optimizer = optimizer,
            States = states,
            Products = ProductKernels.Libtorch,
        };
        using var after = Toy.Learner(options);
        using var within = Toy.Learner(options with { OptimizerInBackward = true });
        var bytes = within.Parameters.Bytes;

        foreach (var batch in Batches(6))
        {
            var (one, other) = (after.Step([batch], 1e-2), within.Step([batch], 1e-2));
            Assert.Equal(one.Loss, other.Loss);
            Assert.Equal(one.GradientNorm, other.GradientNorm, 1e-6);
        }

        Assert.Equal(after.Parameters.AllWeights(), within.Parameters.AllWeights());
        Assert.Equal(bytes, within.Parameters.Bytes);
        Assert.True(bytes < after.Parameters.Bytes);
    }

    [Fact]
    public void A_layer_whose_gradient_is_not_finite_is_not_moved_and_the_step_does_not_count()
    {
        using var learner = Toy.Learner(Toy.Options with
        {
            Recompute = Recompute.Full,
            MaxGradientNorm = double.PositiveInfinity,
            OptimizerInBackward = true,
        });
        var weights = learner.Parameters.AllWeights();
        learner.Parameters.SetWeights([.. weights[..^1], float.NaN]);

        Assert.False(learner.Step(Batches(1), 1e-2).Made);
        Assert.Equal(weights[..^1], learner.Parameters.AllWeights()[..^1]);
    }

    [Theory]
    [InlineData(2, double.PositiveInfinity, Recompute.Full, "training.microBatches=1")]
    [InlineData(1, 1, Recompute.Full, "training.maxGradientNorm=0")]
    [InlineData(1, double.PositiveInfinity, Recompute.None, "training.recompute=Full")]
    public void Moving_layers_in_the_backward_pass_is_refused_with_what_needs_all_gradients_at_once(
        int microBatches, double maxNorm, Recompute recompute, string remedy)
    {
        var options = Toy.Options with
        {
            MicroBatches = microBatches,
            MaxGradientNorm = maxNorm,
            Recompute = recompute,
            OptimizerInBackward = true,
        };
        Assert.Contains(remedy, Assert.Single(options.Faults()));
    }

    private static PackedBatch[] Batches(int count) =>
        [.. Enumerable.Range(0, count).Select(i => PackedBatch.Of([[Lessons.Of(3 + i, 5, seed: i), Lessons.Of(2, 4, seed: 9 + i)]], 24))];
}
