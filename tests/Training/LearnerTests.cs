using Orca.Training.Parameters;
using Orca.Training.Packing;
using TorchSharp;

namespace Orca.Training.Tests;

public sealed class LearnerTests
{
    [Theory]
    [InlineData(ComputeType.Float32)]
    [InlineData(ComputeType.BFloat16)]
    public void Steps_leave_no_tensor_behind(ComputeType compute)
    {
        using var learner = Toy.Learner(Toy.Options with { Compute = compute });
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
