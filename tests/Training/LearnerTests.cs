using Orca.Training.Activations;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using TorchSharp;

namespace Orca.Training.Tests;

public sealed class LearnerTests
{
    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, Recompute.None)]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Float32, Recompute.Selective)]
    [InlineData(ComputeType.Float32, WeightForm.Float32, StateForm.Int8, Recompute.Full)]
    [InlineData(ComputeType.BFloat16, WeightForm.Float32, StateForm.Float32, Recompute.None)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split, StateForm.Float32, Recompute.None)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16, StateForm.Int8, Recompute.Full)]
    public void Steps_leave_no_tensor_behind(ComputeType compute, WeightForm weights, StateForm states, Recompute recompute)
    {
        using var learner = Toy.Learner(
            Toy.Options with { Compute = compute, Weights = weights, States = states, Recompute = recompute });
        var batches = Batches(6);
        learner.Step(batches[..2], 1e-3);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        foreach (var batch in batches)
        {
            learner.Step([batch, batch], 1e-3);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Two_learners_of_one_seed_make_the_same_steps_bit_for_bit()
    {
        var batches = Batches(8);
        var runs = Enumerable.Range(0, 2).Select(_ =>
        {
            using var learner = Toy.Learner();
            var losses = batches.Select(batch => learner.Step([batch], 1e-2)).ToList();
            return (losses, learner.Parameters.AllWeights());
        }).ToList();

        Assert.Equal(runs[0].losses, runs[1].losses);
        Assert.Equal(runs[0].Item2, runs[1].Item2);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Muon)]
    public void Split_weights_make_the_very_steps_of_a_float32_master(OptimizerKind optimizer)
    {
        var options = Toy.Options with
        {
            Compute = ComputeType.BFloat16,
            Optimizer = optimizer,
            Products = ProductKernels.Libtorch,
        };
        using var master = Toy.Learner(options);
        using var split = Toy.Learner(options with { Weights = WeightForm.Split });

        foreach (var batch in Batches(8).Concat(Batches(8)))
        {
            Assert.Equal(master.Step([batch], 1e-2), split.Step([batch], 1e-2));
        }

        Assert.Equal(master.Parameters.AllWeights(), split.Parameters.AllWeights());
        Assert.True(split.Parameters.Bytes < master.Parameters.Bytes);
    }

    [Fact]
    public void A_step_whose_loss_is_not_finite_changes_nothing()
    {
        using var learner = Toy.Learner();
        var batch = Batches(1)[0];
        learner.Step([batch], 1e-2);
        var broken = learner.Parameters.AllWeights();
        learner.Parameters.SetWeights([float.NaN, .. broken[1..]]);

        var step = learner.Step([batch], 1e-2);

        Assert.False(step.Made);
        Assert.Equal(1, learner.Optimizer.Steps);
        Assert.Equal(broken[1..], learner.Parameters.AllWeights()[1..]);
    }

    private static PackedBatch[] Batches(int count)
    {
        var packer = new LessonPacker(new PackingOptions(24, 4, 50));
        foreach (var lesson in Lessons.Stream(3, 3, 20).Take(100))
        {
            packer.Offer(lesson);
        }

        return [.. Enumerable.Range(0, count).Select(_ => packer.Pack(4)!)];
    }
}
