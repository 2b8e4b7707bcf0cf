using Orca.Model.Network;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Loss;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Adapters;

/// <summary>A student whose weights stay as they are, and adapters that learn.</summary>
public sealed class LoraLearnerTests
{
    public static TheoryData<Recompute, ComputeType, bool, ProductKernels> Passes => new(
        from recompute in new[] { Recompute.Selective, Recompute.Full }
        from compute in Enum.GetValues<ComputeType>()
        from isTied in new[] { true, false }
        from products in Enum.GetValues<ProductKernels>()
        select (recompute, compute, isTied, products));

    public static TheoryData<ComputeType, WeightForm, StateForm, OptimizerKind, bool> Forms => new(
        from form in new[]
        {
            (ComputeType.Float32, WeightForm.Float32), (ComputeType.BFloat16, WeightForm.Float32),
            (ComputeType.BFloat16, WeightForm.Split), (ComputeType.BFloat16, WeightForm.BFloat16),
        }
        from states in Enum.GetValues<StateForm>()
        from optimizer in Enum.GetValues<OptimizerKind>()
        from inBackward in new[] { false, true }
        select (form.Item1, form.Item2, states, optimizer, inBackward));

    [Theory]
    [InlineData(ComputeType.Float32, WeightForm.Float32)]
    [InlineData(ComputeType.BFloat16, WeightForm.Split)]
    [InlineData(ComputeType.BFloat16, WeightForm.BFloat16)]
    public void Adapters_that_have_learned_nothing_change_no_bit_of_the_loss(ComputeType compute, WeightForm weights)
    {
        var options = Toy.Options with { Compute = compute, Weights = weights };
        using var whole = Toy.Learner(options);
        using var adapted = Toy.Learner(options with { Lora = LoraToy.Lora });

        Assert.Equal(whole.Accumulate(LoraToy.Batches(3)), adapted.Accumulate(LoraToy.Batches(3)));
        Assert.Equal(whole.PublishedNumbers(), adapted.PublishedNumbers());
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void Recomputed_layers_give_adapters_the_same_loss_and_gradient_bit_for_bit(
        Recompute recompute, ComputeType compute, bool isTied, ProductKernels products)
    {
        var options = LoraToy.Options with { Compute = compute, Products = products };
        Assert.SkipUnless(
            products == ProductKernels.Libtorch || ProductChoice.CanRunOwn(options),
            "this processor has none of the server's kernels for it");
        var config = Toy.Config with { TiedEmbeddings = isTied };
        using var kept = Toy.Learner(options, config);
        using var recomputed = Toy.Learner(options with { Recompute = recompute }, config);
        LoraToy.Shake(kept);
        LoraToy.Shake(recomputed);
        var batches = LoraToy.Batches(3);

        Assert.Equal(kept.Accumulate(batches), recomputed.Accumulate(batches));
        Assert.Equal(kept.Parameters.AllGradients(), recomputed.Parameters.AllGradients());
        Assert.All(kept.Parameters.Names, name => Assert.Contains(Numbers.Of(kept.Parameters.Gradient(name)), value => value != 0));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Steps_move_every_adapter_lower_the_loss_and_leave_the_students_own_weights_bit_for_bit(
        ComputeType compute, WeightForm weights, StateForm states, OptimizerKind optimizer, bool inBackward)
    {
        var options = LoraToy.Options with
        {
            Compute = compute,
            Weights = weights,
            States = states,
            Optimizer = optimizer,
            OptimizerInBackward = inBackward,
            MaxGradientNorm = inBackward ? double.PositiveInfinity : 1,
            Recompute = inBackward ? Recompute.Full : Recompute.None,
            Products = ProductKernels.Libtorch,
        };
        using var learner = Toy.Learner(options);
        var (frozen, before) = (learner.FrozenNumbers(), learner.Parameters.AllWeights());
        var batch = LoraToy.Batches(1);

        var losses = Enumerable.Range(0, 30).Select(_ => learner.Step(batch, 1e-2).Loss).ToList();

        Assert.InRange(losses[^1], 0, losses[0] - 0.1);
        Assert.Equal(frozen, learner.FrozenNumbers());
        var after = learner.Parameters.AllWeights();
        Assert.All(learner.Parameters.Places(), place => Assert.NotEqual(
            before[place.Offset..(place.Offset + place.Count)], after[place.Offset..(place.Offset + place.Count)]));
    }

    [Fact]
    public void Micro_batches_add_up_to_the_gradient_of_one_batch()
    {
        using var learner = Toy.Learner(LoraToy.Options);
        LoraToy.Shake(learner);
        var rows = Lessons.Stream(3, 6, 24).Take(6).Select(lesson => new[] { lesson }).ToArray();

        var whole = Gradients.Of(learner, PackedBatch.Of(rows, 24));
        var parts = Gradients.Of(learner, PackedBatch.Of(rows[..2], 24), PackedBatch.Of(rows[2..], 24));

        Assert.Equal(whole.Loss, parts.Loss, 1e-6);
        Assert.InRange(parts.WorstAgainst(whole).Share, 0, 1e-5);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Muon)]
    public void What_is_published_is_the_base_plus_the_adapters_and_scores_as_the_adapted_student_does(OptimizerKind optimizer)
    {
        using var scope = NewDisposeScope();
        using var learner = Toy.Learner(LoraToy.Options with { Optimizer = optimizer });
        foreach (var _ in Enumerable.Range(0, 20))
        {
            learner.Step(LoraToy.Batches(2), 1e-2);
        }

        var merged = learner.Names.ToDictionary(name => name, learner.Weights);

        using var served = new LlamaModel(Toy.Config, LlamaParameters.From(Toy.Config, name => merged[name]));
        Assert.All(Scores(learner.Model).Zip(Scores(served)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        foreach (var name in learner.Names)
        {
            var difference = Numbers.Of(merged[name] - learner.Adapted!.Frozen.Weights(name));
            Assert.Equal(LoraToy.Lora.Adapts(name), difference.Any(value => value != 0));
        }

        Assert.Equal(2 * 7, learner.Names.Count(LoraToy.Lora.Adapts));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var learner = Toy.Learner(LoraToy.Options with { MicroBatches = 2 });
        var batches = LoraToy.Batches(2);
        learner.Step(batches, 1e-3);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        learner.Step(batches, 1e-3);
        foreach (var name in learner.Names)
        {
            learner.Weights(name).Dispose();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void The_seed_gives_the_first_adapters_uniform_up_to_one_over_the_root_of_the_inputs()
    {
        using var one = Toy.Learner(LoraToy.Options);
        using var same = Toy.Learner(LoraToy.Options);
        using var other = Toy.Learner(LoraToy.Options with { Seed = 6 });

        Assert.Equal(one.Parameters.AllWeights(), same.Parameters.AllWeights());
        Assert.NotEqual(one.Parameters.AllWeights(), other.Parameters.AllWeights());
        var down = Numbers.Of(one.Parameters.Weights("model.layers.1.mlp.down_proj.lora_A.weight"));
        Assert.Equal(3 * 24, down.Length);
        Assert.All(down, value => Assert.InRange(value, -1 / MathF.Sqrt(24), 1 / MathF.Sqrt(24)));
        Assert.InRange(down.Max() - down.Min(), 1.6 / Math.Sqrt(24), 2 / Math.Sqrt(24));
        Assert.All(Numbers.Of(one.Parameters.Weights("model.layers.1.mlp.down_proj.lora_B.weight")), value => Assert.Equal(0, value));
    }

    private static float[] Scores(LlamaModel model)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var batch = new BatchTensors(LoraToy.Batches(1)[0], CPU);
        using var attention = new PackedAttention(batch.Segments_BT);
        return model.Logits(model.Hidden(batch.Tokens_BT, batch.Positions_BT, attention)).data<float>().ToArray();
    }
}
