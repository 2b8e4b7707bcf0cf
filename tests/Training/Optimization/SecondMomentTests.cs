using Orca.Model.Network;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Optimization;

/// <summary>
/// The second moment follows the gradient down as well as up, whatever the network computes in. In 16 bit v · 0.999 rounds back to v: a
/// moment kept in it never falls.
/// </summary>
public sealed class SecondMomentTests(ITestOutputHelper output)
{
    private const int Size = 64;
    private static readonly AdamWOptions Options = new() { Beta2 = 0.999, WeightDecay = 0 };

    [Theory]
    [InlineData(ComputeType.Float32)]
    [InlineData(ComputeType.BFloat16)]
    public void It_decays_where_the_gradient_has_gone(ComputeType compute)
    {
        using var optimizer = new AdamW(Options, CPU);
        using var parameters = Parameters(optimizer, compute);
        Step(optimizer, parameters, 1e-3, _ => 1);
        var first = SecondMoments(parameters);

        for (var step = 0; step < 500; step++)
        {
            Step(optimizer, parameters, 1e-3, _ => 0);
        }

        var expected = Math.Pow(Options.Beta2, 500);
        Assert.All(
            first.Zip(SecondMoments(parameters)),
            pair => Assert.Equal(expected, pair.Second / pair.First, 1e-4));
    }

    [Theory]
    [InlineData(ComputeType.Float32)]
    [InlineData(ComputeType.BFloat16)]
    public void A_thousand_updates_drift_no_further_from_double_precision_than_rounding_does(ComputeType compute) => Drift(compute, 1_000);

    [Theory(Explicit = true)]
    [InlineData(ComputeType.Float32)]
    [InlineData(ComputeType.BFloat16)]
    public void Ten_thousand_updates_drift_no_further_from_double_precision_than_rounding_does(ComputeType compute) =>
        Drift(compute, 10_000);

    // Gradients of a size that falls a thousandfold over the run, as those of a student do.
    private void Drift(ComputeType compute, int steps)
    {
        using var optimizer = new AdamW(Options, CPU);
        using var parameters = Parameters(optimizer, compute);
        var random = new Random(1);
        var (values, first, second) = (new double[Size], new double[Size], new double[Size]);
        for (var step = 1; step <= steps; step++)
        {
            var scale = Math.Pow(1e-3, (double)step / steps);
            var gradients = Enumerable.Range(0, Size).Select(_ => (float)(scale * (random.NextDouble() - 0.4))).ToArray();
            Step(optimizer, parameters, 1e-4, index => gradients[index]);
            for (var i = 0; i < Size; i++)
            {
                first[i] = (Options.Beta1 * first[i]) + ((1 - Options.Beta1) * gradients[i]);
                second[i] = (Options.Beta2 * second[i]) + ((1 - Options.Beta2) * gradients[i] * gradients[i]);
                var root = Math.Sqrt(second[i] / (1 - Math.Pow(Options.Beta2, step))) + Options.Epsilon;
                values[i] -= 1e-4 * first[i] / (1 - Math.Pow(Options.Beta1, step)) / root;
            }
        }

        var (moment, weight) = (Worst(SecondMoments(parameters), second), Worst(parameters.AllWeights(), values));
        output.WriteLine($"{compute}, {steps} updates: second moments within {moment:E1}, weights within {weight:E1} of double precision");
        Assert.InRange(moment, 0, 1e-4);
        Assert.InRange(weight, 0, 1e-4);
    }

    private static StudentParameters Parameters(AdamW optimizer, ComputeType compute) => new(
        BucketLayout.Of([new ParameterShape("layer.weight", [8, Size / 8])]), new ParameterForms { Compute = compute },
        optimizer.HasSecondMoments, CPU);

    private static float[] SecondMoments(StudentParameters parameters) =>
        Numbers.Of(parameters.Buckets[0].SecondMoments!.Read(0, ParameterSlot.Alignment))[..Size];

    private static double Worst(float[] found, double[] expected) =>
        found.Zip(expected, (one, other) => Math.Abs(one - other) / Math.Abs(other)).Max();

    private static void Step(AdamW optimizer, StudentParameters parameters, double rate, Func<int, float> gradient)
    {
        parameters.SetGradients([.. Enumerable.Range(0, Size).Select(gradient)]);
        optimizer.Begin(rate);
        optimizer.Move(parameters.Buckets[0], Rounding.Nearest);
    }
}
