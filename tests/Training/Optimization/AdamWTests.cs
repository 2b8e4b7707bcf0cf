using Orca.Model.Network;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Optimization;

public sealed class AdamWTests : IDisposable
{
    private readonly Rounding rounding = new(seed: 7, CPU);

    private static readonly ParameterShape[] Shapes =
        [new(LlamaParameters.EmbeddingName, [7, 3]), new("layer.weight", [5, 11]), new("norm.weight", [13]), new("other.weight", [2, 2])];

    [Fact]
    public void Two_hundred_steps_are_those_of_the_formula_in_double_precision()
    {
        var options = new AdamWOptions { WeightDecay = 0.2, Beta2 = 0.95 };
        using var optimizer = new AdamW(options, CPU);
        using var parameters = Of(optimizer, new ParameterForms());
        var random = new Random(1);
        var size = parameters.AllWeights().Length;
        var decayed = parameters.Buckets.Where(bucket => bucket.Layout.AreDecayed)
            .Sum(bucket => bucket.Layout.Slots.Sum(slot => slot.Count));
        var (values, first, second) = (Noise(random, size, 1), new double[size], new double[size]);
        parameters.SetWeights(Floats(values));

        for (var step = 1; step <= 200; step++)
        {
            var gradients = Noise(random, size, 0.1);
            parameters.SetGradients(Floats(gradients));
            var rate = 0.01 * (1 + Math.Sin(step));
            Step(optimizer, parameters, rate);
            for (var i = 0; i < size; i++)
            {
                var decay = i < decayed ? options.WeightDecay : 0;
                first[i] = (options.Beta1 * first[i]) + ((1 - options.Beta1) * (float)gradients[i]);
                second[i] = (options.Beta2 * second[i]) + ((1 - options.Beta2) * (float)gradients[i] * (float)gradients[i]);
                var unbiasedFirst = first[i] / (1 - Math.Pow(options.Beta1, step));
                var unbiasedSecond = second[i] / (1 - Math.Pow(options.Beta2, step));
                values[i] -= rate * ((unbiasedFirst / (Math.Sqrt(unbiasedSecond) + options.Epsilon)) + (decay * values[i]));
            }
        }

        Assert.Equal(200, optimizer.Steps);
        Assert.All(parameters.AllWeights().Zip(values), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void Matrices_are_decayed_and_norms_and_embeddings_are_not()
    {
        using var optimizer = new AdamW(new AdamWOptions { WeightDecay = 0.5 }, CPU);
        using var parameters = Of(optimizer, new ParameterForms());
        parameters.SetWeights(Floats(Enumerable.Repeat(1.0, parameters.AllWeights().Length)));

        Step(optimizer, parameters, 0.1);

        foreach (var name in parameters.Names)
        {
            var expected = name is "layer.weight" or "other.weight" ? 0.95f : 1;
            Assert.All(Numbers.Of(parameters.Weights(name)), value => Assert.Equal(expected, value, 1e-6f));
        }
    }

    [Theory]
    [InlineData(WeightForm.Float32)]
    [InlineData(WeightForm.Split)]
    [InlineData(WeightForm.BFloat16)]
    public void A_tiny_update_that_16_bit_would_round_away_reaches_the_weights(WeightForm weights)
    {
        using var optimizer = new AdamW(new AdamWOptions { WeightDecay = 0 }, CPU);
        using var parameters = Of(optimizer, new ParameterForms { Compute = ComputeType.BFloat16, Weights = weights });
        var size = parameters.AllWeights().Length;
        parameters.SetWeights(Floats(Enumerable.Repeat(1.0, size)));
        parameters.SetGradients(Floats(Enumerable.Repeat(1.0, size)));

        for (var step = 0; step < 100; step++)
        {
            Step(optimizer, parameters, 1e-4);
        }

        // Of bfloat16, rounded at random, the mean: its step is 0.004, and there are 109 weights.
        Assert.Equal(0.99, parameters.AllWeights().Average(), weights == WeightForm.BFloat16 ? 1e-3 : 1e-4);
        Assert.Equal(0.99, parameters.Leaf("norm.weight")[0].to(ScalarType.Float32).item<float>(), 1e-2);
    }

    [Fact]
    public void Clipping_scales_the_whole_gradient_by_one_norm_and_leaves_a_small_one_alone()
    {
        using var parameters = OfTwo(3, 4);
        Assert.Equal(5, GradientClipping.Clip(parameters.Buckets, 10), 1e-6);
        Assert.Equal([3f, 4], parameters.AllGradients());
        Assert.Equal(5, GradientClipping.Clip(parameters.Buckets, 1), 1e-6);
        Assert.Equal([0.6f, 0.8f], parameters.AllGradients());
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NaN)]
    public void Clipping_does_not_touch_a_gradient_that_is_not_finite(float broken)
    {
        using var parameters = OfTwo(3, broken);
        Assert.Equal((double)broken, GradientClipping.Clip(parameters.Buckets, 1));
        Assert.Equal([3f, broken], parameters.AllGradients());
    }

    [Fact]
    public void Slots_are_aligned_do_not_overlap_and_begin_with_the_decayed_ones()
    {
        var buckets = BucketLayout.Of(Shapes);

        Assert.Equal([true, false], buckets.Select(bucket => bucket.AreDecayed));
        Assert.Equal(
            ["layer.weight", "other.weight", LlamaParameters.EmbeddingName, "norm.weight"],
            buckets.SelectMany(bucket => bucket.Slots).Select(slot => slot.Name));
        Assert.All(buckets.SelectMany(bucket => bucket.Slots), slot => Assert.Equal(0, slot.Offset % ParameterSlot.Alignment));
        Assert.All(buckets, bucket => Assert.All(
            bucket.Slots.Zip(bucket.Slots.Skip(1)),
            pair => Assert.True(pair.First.Offset + pair.First.Count <= pair.Second.Offset)));
    }

    [Fact]
    public void A_bucket_holds_as_many_parameters_as_fit_and_a_larger_one_alone()
    {
        var buckets = BucketLayout.Of(
            [new("a", [1_000, 2]), new("b", [1_000, 1]), new("c", [1_000, 9]), new("d", [1_000, 1])], mostElements: 4_000);

        Assert.Equal([["a", "b"], ["c"], ["d"]], buckets.Select(bucket => bucket.Slots.Select(slot => slot.Name)));
        Assert.All(buckets, bucket => Assert.Equal(0, bucket.Slots[0].Offset));
    }

    public void Dispose() => rounding.Dispose();

    private static StudentParameters Of(AdamW optimizer, ParameterForms forms) =>
        new(BucketLayout.Of(Shapes), forms, optimizer.HasSecondMoments, CPU);

    // A matrix and a vector of one element each: two buckets.
    private static StudentParameters OfTwo(float one, float other)
    {
        var parameters = new StudentParameters(
            BucketLayout.Of([new("matrix", [1, 1]), new("vector", [1])]), new ParameterForms(), _ => false, CPU);
        parameters.SetGradients([one, other]);
        return parameters;
    }

    private void Step(AdamW optimizer, StudentParameters parameters, double rate)
    {
        optimizer.Begin(rate);
        rounding.Begin(optimizer.Steps);
        foreach (var bucket in parameters.Buckets)
        {
            optimizer.Move(bucket, rounding);
        }
    }

    private static double[] Noise(Random random, int size, double scale) =>
        [.. Enumerable.Range(0, size).Select(_ => (double)(float)((random.NextDouble() - 0.5) * scale))];

    private static float[] Floats(IEnumerable<double> values) => [.. values.Select(value => (float)value)];
}
