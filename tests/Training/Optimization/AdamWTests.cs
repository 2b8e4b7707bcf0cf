using Orca.Model.Network;
using Orca.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Optimization;

public sealed class AdamWTests
{
    private static readonly ParameterShape[] Shapes =
        [new(LlamaParameters.EmbeddingName, [7, 3]), new("layer.weight", [5, 11]), new("norm.weight", [13]), new("other.weight", [2, 2])];

    [Fact]
    public void Two_hundred_steps_are_those_of_the_formula_in_double_precision()
    {
        var options = new AdamWOptions { WeightDecay = 0.2, Beta2 = 0.95 };
        using var parameters = new FlatParameters(ParameterSlot.Lay(Shapes), ScalarType.Float32, CPU);
        using var optimizer = new AdamW(parameters, options);
        var random = new Random(1);
        var size = (int)parameters.Values.shape[0];
        var (values, first, second) = (Noise(random, size, 1), new double[size], new double[size]);
        Set(parameters.Values, values);

        for (var step = 1; step <= 200; step++)
        {
            var gradients = Noise(random, size, 0.1);
            Set(parameters.Gradients, gradients);
            var rate = 0.01 * (1 + Math.Sin(step));
            optimizer.Step(rate);
            for (var i = 0; i < size; i++)
            {
                var decay = i < parameters.DecayedCount ? options.WeightDecay : 0;
                first[i] = (options.Beta1 * first[i]) + ((1 - options.Beta1) * (float)gradients[i]);
                second[i] = (options.Beta2 * second[i]) + ((1 - options.Beta2) * (float)gradients[i] * (float)gradients[i]);
                var unbiasedFirst = first[i] / (1 - Math.Pow(options.Beta1, step));
                var unbiasedSecond = second[i] / (1 - Math.Pow(options.Beta2, step));
                values[i] -= rate * ((unbiasedFirst / (Math.Sqrt(unbiasedSecond) + options.Epsilon)) + (decay * values[i]));
            }
        }

        Assert.Equal(200, optimizer.Steps);
        Assert.All(parameters.Values.data<float>().ToArray().Zip(values), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void Matrices_are_decayed_and_norms_and_embeddings_are_not()
    {
        using var parameters = new FlatParameters(ParameterSlot.Lay(Shapes), ScalarType.Float32, CPU);
        using var optimizer = new AdamW(parameters, new AdamWOptions { WeightDecay = 0.5 });
        Set(parameters.Values, Enumerable.Repeat(1.0, (int)parameters.Values.shape[0]).ToArray());

        optimizer.Step(0.1);

        foreach (var slot in parameters.Slots)
        {
            var expected = slot.Name is "layer.weight" or "other.weight" ? 0.95f : 1;
            Assert.All(parameters.Leaf(slot.Name).data<float>().ToArray(), value => Assert.Equal(expected, value, 1e-6f));
        }
    }

    [Fact]
    public void A_tiny_update_that_16_bit_would_round_away_reaches_the_master_weights()
    {
        using var parameters = new FlatParameters(ParameterSlot.Lay(Shapes), ScalarType.BFloat16, CPU);
        using var optimizer = new AdamW(parameters, new AdamWOptions { WeightDecay = 0 });
        var size = (int)parameters.Values.shape[0];
        Set(parameters.Values, Enumerable.Repeat(1.0, size).ToArray());
        Set(parameters.Gradients, Enumerable.Repeat(1.0, size).ToArray());

        for (var step = 0; step < 100; step++)
        {
            optimizer.Step(1e-4);
        }

        Assert.All(parameters.Values.data<float>().ToArray(), value => Assert.Equal(0.99, value, 1e-4));
        Assert.Equal(0.99, parameters.Leaf("norm.weight")[0].to(ScalarType.Float32).item<float>(), 4e-3);
    }

    [Fact]
    public void Clipping_scales_the_whole_gradient_by_one_norm_and_leaves_a_small_one_alone()
    {
        using var gradients = tensor([3f, 0, 4]);
        Assert.Equal(5, GradientClipping.Clip(gradients, 10), 1e-6);
        Assert.Equal([3f, 0, 4], gradients.data<float>().ToArray());
        Assert.Equal(5, GradientClipping.Clip(gradients, 1), 1e-6);
        Assert.Equal([0.6f, 0, 0.8f], gradients.data<float>().ToArray());
    }

    [Fact]
    public void Clipping_does_not_touch_a_gradient_that_is_not_finite()
    {
        using var gradients = tensor([3f, float.PositiveInfinity]);
        Assert.Equal(double.PositiveInfinity, GradientClipping.Clip(gradients, 1));
        using var others = tensor([3f, float.NaN]);
        Assert.True(double.IsNaN(GradientClipping.Clip(others, 1)));
    }

    [Fact]
    public void Slots_are_aligned_do_not_overlap_and_begin_with_the_decayed_ones()
    {
        var slots = ParameterSlot.Lay(Shapes);

        Assert.Equal(["layer.weight", "other.weight", LlamaParameters.EmbeddingName, "norm.weight"], slots.Select(slot => slot.Name));
        Assert.All(slots, slot => Assert.Equal(0, slot.Offset % 64));
        Assert.All(slots.Zip(slots.Skip(1)), pair => Assert.True(pair.First.Offset + pair.First.Count <= pair.Second.Offset));
    }

    private static double[] Noise(Random random, int size, double scale) =>
        [.. Enumerable.Range(0, size).Select(_ => (double)(float)((random.NextDouble() - 0.5) * scale))];

    private static void Set(Tensor target, double[] values)
    {
        using var guard = no_grad();
        using var source = tensor(Array.ConvertAll(values, value => (float)value));
        target.copy_(source);
    }
}
