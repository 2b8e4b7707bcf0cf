using Orca.Model.Network;
using Orca.Streams.Curricula;
using Orca.Training.Parameters;
using Orca.Training.Loss;
using Orca.Training.Packing;
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
    public void Packed_unpacked_accumulated_and_one_by_one_give_one_loss_and_one_gradient()
    {
        using var learner = Toy.Learner();
        var (expectedLoss, expectedGradient) = LossAndGradient(learner, [Packed]);

        var ways = new Dictionary<string, PackedBatch[]>
        {
            ["unpacked, one batch"] = [PackedBatch.Of([.. Documents.Select(lesson => new[] { lesson })], RowLength)],
            ["unpacked, longer rows"] = [PackedBatch.Of([.. Documents.Select(lesson => new[] { lesson })], 40)],
            ["one document a micro-batch"] = [.. Documents.Select(lesson => PackedBatch.Of([[lesson]], RowLength))],
            ["one document a micro-batch, no padding"] = [.. Documents.Select(lesson => PackedBatch.Of([[lesson]], lesson.Length))],
            ["uneven micro-batches"] = [
                PackedBatch.Of([[Documents[0], Documents[1], Documents[5]], [Documents[4]], [Documents[2], Documents[3]]], RowLength),
                PackedBatch.Of([[Documents[6]]], RowLength)],
        };
        foreach (var (way, batches) in ways)
        {
            var (loss, gradient) = LossAndGradient(learner, batches);
            Assert.True(Math.Abs(loss - expectedLoss) < 1e-6, $"{way}: loss {loss}, not {expectedLoss}");
            Assert.True(gradient.Zip(expectedGradient, (a, b) => Math.Abs(a - b)).Max() < 1e-6, $"{way}: another gradient");
        }
    }

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
    public void Another_first_document_leaves_the_scores_of_the_second_as_they_were_bit_for_bit()
    {
        using var learner = Toy.Learner();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var second = Documents[2];
        var one = Logits(learner.Model, PackedBatch.Of([[Lessons.Of(5, 6, seed: 20), second]], RowLength))[0].data<float>().ToArray();
        var other = Logits(learner.Model, PackedBatch.Of([[Lessons.Of(5, 6, seed: 21), second]], RowLength))[0].data<float>().ToArray();

        var (from, to) = (11 * Toy.Config.VocabularySize, (11 + second.Length) * Toy.Config.VocabularySize);
        Assert.NotEqual(one[..from], other[..from]);
        Assert.Equal(one[from..to], other[from..to]);
    }

    [Fact]
    public void A_micro_batch_without_loss_contributes_nothing()
    {
        using var learner = Toy.Learner();
        var (expectedLoss, expectedGradient) = LossAndGradient(learner, [Packed]);
        var masked = new PackedBatch
        {
            Rows = Packed.Rows,
            RowLength = Packed.RowLength,
            Tokens = Packed.Tokens,
            Positions = Packed.Positions,
            Segments = Packed.Segments,
            Weights = [.. Packed.Weights.Select(_ => 0f)],
            Collections = Packed.Collections,
        };

        var (loss, gradient) = LossAndGradient(learner, [masked, Packed, masked]);

        Assert.Equal(expectedLoss, loss);
        Assert.Equal(expectedGradient, gradient);
        Assert.Equal(0, learner.Accumulate([masked]));
        Assert.All(learner.Parameters.AllGradients(), value => Assert.Equal(0, value));
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

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    [InlineData(7, false)]
    public void In_chunks_of_a_few_positions_loss_and_gradient_are_those_of_all_at_once(int positions, bool isTied)
    {
        var config = Toy.Config with { TiedEmbeddings = isTied };
        using var whole = Toy.Learner(config: config);
        using var chunked = Toy.Learner(config: config, mostLogits: positions * config.VocabularySize);
        var (expectedLoss, expectedGradient) = LossAndGradient(whole, [Packed]);

        foreach (var batches in new[] { [Packed], Documents.Select(lesson => PackedBatch.Of([[lesson]], RowLength)).ToArray() })
        {
            var (loss, gradient) = LossAndGradient(chunked, batches);
            Assert.Equal(expectedLoss, loss, 1e-6);
            Assert.InRange(gradient.Zip(expectedGradient, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-6);
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
