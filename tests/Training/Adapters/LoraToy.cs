using Orca.Training.Adapters;
using Orca.Training.Packing;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Adapters;

/// <summary>The toy student with adapters, and lessons for it.</summary>
internal static class LoraToy
{
    public static LoraOptions Lora { get; } = new() { Rank = 3, Alpha = 12 };

    public static TrainerOptions Options { get; } = Toy.Options with { Lora = Lora };

    /// <summary>Moves every B off zero, so that both matrices of each adapter have a gradient.</summary>
    public static void Shake(Learner learner)
    {
        using var scope = NewDisposeScope();
        var random = new Random(7);
        foreach (var name in learner.Parameters.Names.Where(name => name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
        {
            var shape = learner.Parameters.Leaf(name).shape;
            var values = Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)(random.NextDouble() - 0.5) * 0.4f);
            learner.Parameters.Load(name, tensor(values.ToArray()).view(shape));
        }
    }

    public static PackedBatch[] Batches(int count) =>
        [.. Enumerable.Range(0, count).Select(i => PackedBatch.Of([[Lessons.Of(3 + i, 5, seed: i), Lessons.Of(2, 4, seed: 9 + i)]], 24))];

    /// <summary>The frozen weights, one after another.</summary>
    public static float[] FrozenNumbers(this Learner learner) =>
        [.. learner.Names.SelectMany(name => Numbers.Of(learner.Adapted!.Frozen.Weights(name)))];

    /// <summary>What is published, one weight after another.</summary>
    public static float[] PublishedNumbers(this Learner learner) =>
        [.. learner.Names.Order(StringComparer.Ordinal).SelectMany(name => Numbers.Of(learner.Weights(name)))];
}
