using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Loss;
using Orca.Training.Packing;
using Orca.Training.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Loss;

/// <summary>
/// Loss and gradients are those of the student in plain doubles, whose own gradients are judged by differences of its loss.
/// </summary>
public sealed class PlainLossTests(ITestOutputHelper output)
{
    private static readonly List<Lesson> Documents =
    [
        Lessons.Of(3, 5, seed: 1), Lessons.Of(6, 2, seed: 2, weight: 0.25f), Lessons.Of(2, 9, seed: 3),
        Lessons.Of(1, 1, seed: 4, weight: 3), Lessons.Of(10, 14, seed: 5), Lessons.Of(4, 3, seed: 6),
        Lessons.Of(8, 8, seed: 7, weight: 0.5f),
    ];

    private static readonly PackedBatch[] Packed =
    [
        PackedBatch.Of([[Documents[0], Documents[1], Documents[5]], [Documents[4]], [Documents[2], Documents[3]]], 24),
        PackedBatch.Of([[Documents[6]]], 24),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_plain_students_gradient_is_the_slope_of_its_loss_in_every_weight(bool isTied)
    {
        using var scope = NewDisposeScope();
        var student = Plain(ConfigOf(isTied), out _);
        student.LossAndGradient(Documents);
        var gradients = student.Weights.ToDictionary(weight => weight.Name, weight => (double[])weight.Gradient.Clone());
        var random = new Random(2);
        foreach (var weight in student.Weights)
        {
            var (values, gradient) = ((double[])weight.Values.Clone(), gradients[weight.Name]);
            var direction = values.Select(_ => random.NextDouble() - 0.5).ToArray();
            var slope = direction.Zip(gradient, (d, g) => d * g).Sum();
            var found = (LossAt(1e-5) - LossAt(-1e-5)) / 2e-5;
            Assert.True(Math.Abs(found - slope) < 1e-8 + (1e-6 * Math.Abs(slope)), $"{weight.Name}: {found}, not {slope}");

            double LossAt(double step)
            {
                for (var i = 0; i < values.Length; i++)
                {
                    weight.Values[i] = values[i] + (step * direction[i]);
                }

                var loss = student.LossAndGradient(Documents);
                values.CopyTo(weight.Values, 0);
                return loss;
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_trainers_loss_and_every_gradient_are_the_plain_students(bool isTied)
    {
        using var scope = NewDisposeScope();
        var expected = Of(Plain(ConfigOf(isTied), out var weights));
        using var learner = new Learner(ConfigOf(isTied), Toy.Options);
        learner.Load(name => weights[name]);

        var found = Gradients.Of(learner, Packed);

        Report("in 32 bit", found, expected);
        Assert.Equal(expected.Loss, found.Loss, 1e-6);
        Assert.InRange(found.WorstAgainst(expected).Share, 0, 3e-6);
    }

    // The rotary tables are kept in 32 bit, so the 15 digits of 64 bit are not all there.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void In_64_bit_the_trainers_network_and_loss_are_the_plain_students_to_their_last_digits(bool isTied)
    {
        using var scope = NewDisposeScope();
        var config = ConfigOf(isTied);
        var expected = Of(Plain(config, out var weights));
        var leaves = weights.ToDictionary(pair => pair.Key, pair => pair.Value.to_type(ScalarType.Float64).detach().requires_grad_());
        using var model = new LlamaModel(config, LlamaParameters.From(config, name => leaves[name]));
        var stepWeight = Packed.Sum(batch => batch.TotalWeight);

        var loss = 0.0;
        foreach (var batch in Packed)
        {
            using var tensors = new BatchTensors(batch, CPU);
            var targets = tensors.Targets!;
            var share = TokenLoss.Of(model.Logits(Hidden(model, tensors)), targets.Tokens_N, targets.Weights_N, stepWeight);
            share.backward();
            loss += share.item<double>();
        }

        var found = new Gradients(loss, leaves.ToDictionary(pair => pair.Key, pair => pair.Value.grad!.data<double>().ToArray()));
        Report("in 64 bit", found, expected);
        Assert.Equal(expected.Loss, found.Loss, 1e-7);
        Assert.InRange(found.WorstAgainst(expected).Share, 0, 1e-7);
    }

    private static Tensor Hidden(LlamaModel model, BatchTensors batch)
    {
        using var attention = new PackedAttention(batch.Segments_BT);
        var hidden_BTE = model.Hidden(batch.Tokens_BT, batch.Positions_BT, attention);
        return hidden_BTE.flatten(0, 1).index_select(0, batch.Targets!.Predictors_N);
    }

    private static LlamaConfig ConfigOf(bool isTied) => Toy.Config with { VocabularySize = 50, TiedEmbeddings = isTied };

    private static Gradients Of(PlainStudent student) =>
        new(student.LossAndGradient(Documents), student.Weights.ToDictionary(weight => weight.Name, weight => weight.Gradient));

    private static PlainStudent Plain(LlamaConfig config, out Dictionary<string, Tensor> weights) =>
        new(config, weights = ShakenWeights.Of(config));

    private void Report(string what, Gradients found, Gradients expected)
    {
        var (name, share) = found.WorstAgainst(expected);
        output.WriteLine($"{what}: loss {found.Loss - expected.Loss:E1}, gradient {share:E1} ({name})");
    }
}
