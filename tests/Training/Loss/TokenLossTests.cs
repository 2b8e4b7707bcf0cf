using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Loss;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Loss;

public sealed class TokenLossTests
{
    private const int RowLength = 24;

    private static readonly List<Lesson> Documents =
    [
        Lessons.Of(3, 5, seed: 1), Lessons.Of(6, 2, seed: 2, weight: 0.25f), Lessons
            .Of(2, 9, seed: 3), Lessons.Of(1, 1, seed: 4, weight: 3),
        Lessons.Of(10, 14, seed: 5), Lessons.Of(4, 3, seed: 6), Lessons.Of(8, 8, seed: 7, weight: 0.5f),
    ];

    private static readonly PackedBatch Packed = PackedBatch.Of(
        [[Documents[0], Documents[1], Documents[5]], [Documents[4]], [Documents[2], Documents[3]], [Documents[6]]], RowLength);

    [Fact]
    public void It_is_the_weighted_mean_over_the_teachers_tokens_as_plain_arithmetic_gives_it()
    {
        using var learner = Toy.Learner();
        var (sum, weight) = (0.0, 0.0);
        using (NewDisposeScope())
        {
            using var guard = no_grad();
            foreach (var lesson in Documents)
            {
                var tokens = lesson.PromptTokens.Concat(lesson.AnswerTokens).ToArray();
                var logits_TV = Logits(learner.Model, PackedBatch.Of([[lesson]], lesson.Length))[0];
                for (var at = lesson.PromptTokens.Length; at < tokens.Length; at++)
                {
                    var scores = logits_TV[at - 1].data<float>().ToArray();
                    sum += lesson.Weight * (Math.Log(scores.Sum(score => Math.Exp(score))) - scores[tokens[at]]);
                    weight += lesson.Weight;
                }
            }
        }

        Assert.Equal(sum / weight, learner.Accumulate([Packed]), 1e-6);
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss_in_every_weight()
    {
        using var learner = Toy.Learner();
        Shake(learner);
        var random = new Random(1);
        learner.Accumulate([Packed]);
        var gradients = learner.Parameters.AllGradients();
        var values = learner.Parameters.AllWeights();
        foreach (var (name, offset, count) in learner.Parameters.Places())
        {
            var direction = Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5).ToArray();
            var length = Math.Sqrt(direction.Sum(d => d * d));
            var slope = direction.Select((d, i) => d / length * gradients[offset + i]).Sum();
            const double Step = 5e-3;
            var found = (LossAt(+Step) - LossAt(-Step)) / (2 * Step);
            Assert.True(Math.Abs(found - slope) < 2e-4 + (0.01 * Math.Abs(slope)), $"{name}: slope {found}, gradient {slope}");

            double LossAt(double step)
            {
                var moved = (float[])values.Clone();
                for (var i = 0; i < direction.Length; i++)
                {
                    moved[offset + i] += (float)(step * direction[i] / length);
                }

                Set(learner, moved);
                return learner.Accumulate([Packed]);
            }
        }
    }

    [Fact]
    public void In_16_bit_loss_and_gradient_are_near_those_of_32_bit_also_when_accumulated()
    {
        using var exact = Toy.Learner();
        using var rounded = Toy.Learner(Toy.Options with { Compute = ComputeType.BFloat16 });
        var (expectedLoss, expectedGradient) = LossAndGradient(exact, [Packed]);

        foreach (var batches in new[] { [Packed], Documents.Select(lesson => PackedBatch.Of([[lesson]], RowLength)).ToArray() })
        {
            var (loss, gradient) = LossAndGradient(rounded, batches);
            Assert.Equal(expectedLoss, loss, 0.01);
            var difference = Math.Sqrt(gradient.Zip(expectedGradient, (a, b) => (double)(a - b) * (a - b)).Sum());
            Assert.InRange(difference / Math.Sqrt(expectedGradient.Sum(value => (double)value * value)), 0, 0.03);
        }
    }

    // In the compute type alone a sum over many chunks stops growing: each chunk's is added in 32 bit.
    [Fact]
    public void In_16_bit_the_head_s_gradient_is_no_less_exact_in_chunks_than_at_once()
    {
        var options = Toy.Options with { Compute = ComputeType.BFloat16 };
        using var exact = Toy.Learner();
        using var whole = Toy.Learner(options);
        using var chunked = Toy.Learner(options, mostLogits: Toy.Config.VocabularySize);
        var expected = LossAndGradient(exact, [Packed]).Gradient;

        Assert.InRange(ErrorOf(chunked), 0, 1.2 * ErrorOf(whole));

        double ErrorOf(Learner learner) => Math.Sqrt(
            LossAndGradient(learner, [Packed]).Gradient.Zip(expected, (a, b) => (double)(a - b) * (a - b)).Sum());
    }

    private static (double Loss, float[] Gradient) LossAndGradient(Learner learner, PackedBatch[] batches) =>
        (learner.Accumulate(batches), learner.Parameters.AllGradients());

    private static Tensor Logits(LlamaModel model, PackedBatch batch)
    {
        using var tensors = new BatchTensors(batch, CPU);
        using var attention = new PackedAttention(tensors.Segments_BT);
        return model.Logits(model.Hidden(tensors.Tokens_BT, tensors.Positions_BT, attention));
    }

    private static void Set(Learner learner, float[] values)
    {
        learner.Parameters.SetWeights(values);
    }

    /// <summary>Larger weights than fresh ones: slopes that a finite difference in 32 bit can see.</summary>
    private static void Shake(Learner learner)
    {
        var random = new Random(3);
        Set(
            learner,
            [.. learner.Parameters.AllWeights().Select(value => value + (float)((random.NextDouble() - 0.5) * 0.4))]);
    }
}
