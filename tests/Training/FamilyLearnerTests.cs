using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Tests.Shared;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests;

/// <summary>
/// The trainer's loss and gradients on every family, judged by finite differences of the network in plain loops over doubles.
/// </summary>
public sealed class FamilyLearnerTests
{
    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Loss_and_gradients_are_those_of_the_plain_network(string family)
    {
        using var scope = NewDisposeScope();
        var config = FamilyShapes.Of(Toy.Config)[family];
        using var learner = new Learner(config, Toy.Options);
        var weights = LlamaParameters.Initialize(config, 3, ScalarType.Float32, CPU);
        foreach (var vector in weights.Values.Where(weight => weight.dim() == 1))
        {
            vector.Plus_(linspace(-0.3, 0.3, vector.shape[0]));
        }

        learner.Load(name => weights[name]);
        var lessons = new[] { Lessons.Of(6, 12, seed: 1), Lessons.Of(2, 3, seed: 2) };
        var loss = learner.Accumulate([PackedBatch.Of([lessons], rowLength: 24)]);

        var plain = new PlainLlama(config, weights);
        Assert.Equal(PlainLoss(), loss, 1e-4);
        var random = new Random(4);
        foreach (var name in learner.Parameters.Names)
        {
            var all = Numbers.Of(learner.Parameters.Gradient(name));

            // The largest of some: rounding of fp32 would hide a small one.
            var index = Enumerable.Range(0, 40).Select(_ => random.Next(all.Length)).MaxBy(i => Math.Abs(all[i]));
            ref var value = ref plain.Values(name)[index];
            var kept = value;
            value = kept + 1e-4;
            var above = PlainLoss();
            value = kept - 1e-4;
            var below = PlainLoss();
            value = kept;
            var slope = (above - below) / 2e-4;
            Assert.True(Math.Abs(slope - all[index]) < 1e-5 + (2e-3 * Math.Abs(slope)), $"{name}[{index}]: {all[index]} and {slope}");
        }

        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }

        double PlainLoss() => plain.Loss(lessons.Select(lesson =>
            ((IReadOnlyList<int>)[.. lesson.PromptTokens, .. lesson.AnswerTokens], Math.Max(1, lesson.PromptTokens.Length))));
    }

    [Fact]
    public void Biases_are_not_decayed_and_not_orthogonalised()
    {
        var config = FamilyShapes.Of(Toy.Config)["LLaMA with all biases"];
        var biases =
            from bucket in BucketLayout.Of(LlamaParameters.ShapesOf(config))
            from slot in bucket.Slots
            where slot.Name.EndsWith(".bias", StringComparison.Ordinal)
            select bucket;
        Assert.Equal(14, biases.Count());
        Assert.All(biases, bucket => Assert.False(bucket.AreDecayed || bucket.AreLayerMatrices));
    }
}
