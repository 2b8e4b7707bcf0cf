using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Adapters;
using Orca.Training.Packing;
using Orca.Training.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Adapters;

/// <summary>
/// Loss and gradients of adapters are those of the student in plain doubles whose weights are W + s·B·A: dB = s·dW·Aᵀ and dA = s·Bᵀ·dW.
/// </summary>
public sealed class LoraGradientTests(ITestOutputHelper output)
{
    private static readonly List<Lesson> Documents =
        [Lessons.Of(3, 5, seed: 1), Lessons.Of(6, 2, seed: 2, weight: 0.25f), Lessons.Of(2, 9, seed: 3), Lessons.Of(4, 3, seed: 6)];

    private static readonly PackedBatch[] Packed =
        [PackedBatch.Of([[Documents[0], Documents[1]], [Documents[2]]], 24), PackedBatch.Of([[Documents[3]]], 24)];

    public static TheoryData<string, ProductKernels> Forms => new(
        from targets in new[] { string.Join(',', LoraOptions.Projections), "q_proj,v_proj", "down_proj" }
        from products in Enum.GetValues<ProductKernels>()
        select (targets, products));

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_adapters_gradient_is_that_of_the_plain_student_with_merged_weights(string targets, ProductKernels products)
    {
        using var scope = NewDisposeScope();
        var lora = LoraToy.Lora with { Targets = [.. targets.Split(',')] };
        var options = Toy.Options with { Lora = lora, Products = products };
        Assert.SkipUnless(
            products == ProductKernels.Libtorch || ProductChoice.CanRunOwn(options),
            "this processor has none of the server's kernels for it");
        var config = Toy.Config with { VocabularySize = 50 };
        var weights = ShakenWeights.Of(config);
        using var learner = new Learner(config, options);
        learner.Load(name => weights[name]);
        LoraToy.Shake(learner);
        var expected = Expected(learner, config, weights, lora);

        var found = Gradients.Of(learner, Packed);

        var (name, share) = found.WorstAgainst(expected);
        output.WriteLine($"{products}, {targets}: loss {found.Loss - expected.Loss:E1}, gradient {share:E1} ({name})");
        Assert.Equal(2 * config.Layers * targets.Split(',').Length, found.ByName.Count);
        Assert.Equal(expected.Loss, found.Loss, 1e-6);
        Assert.InRange(share, 0, 1e-5);
    }

    private static Gradients Expected(
        Learner learner, LlamaConfig config, Dictionary<string, Tensor> weights, LoraOptions lora)
    {
        var merged = weights.ToDictionary(pair => pair.Key, pair => pair.Value.to_type(ScalarType.Float64));
        foreach (var name in weights.Keys.Where(lora.Adapts))
        {
            merged[name] = merged[name] + (Adapter(name, LoraShapes.UpOf).matmul(Adapter(name, LoraShapes.DownOf)) * lora.Scale);
        }

        var plain = new PlainStudent(config, merged);
        var loss = plain.LossAndGradient(Documents);
        var gradients = new Dictionary<string, double[]>();
        foreach (var name in weights.Keys.Where(lora.Adapts))
        {
            var slope = tensor(plain.Weight(name).Gradient).view(weights[name].shape);
            var (down, up) = (Adapter(name, LoraShapes.DownOf), Adapter(name, LoraShapes.UpOf));
            gradients[NameOf(name, LoraShapes.UpOf)] = Doubles(slope.matmul(down.t()) * lora.Scale);
            gradients[NameOf(name, LoraShapes.DownOf)] = Doubles(up.t().matmul(slope) * lora.Scale);
        }

        return new Gradients(loss, gradients);

        Tensor Adapter(string weight, Func<string, string> which) =>
            learner.Parameters.Weights(NameOf(weight, which)).to_type(ScalarType.Float64);
    }

    private static string NameOf(string weight, Func<string, string> which) => which(LoraShapes.ProjectionOf(weight));

    private static double[] Doubles(Tensor values) => values.contiguous().data<double>().ToArray();
}
