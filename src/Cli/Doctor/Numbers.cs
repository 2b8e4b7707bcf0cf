using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>Test data and its comparison.</summary>
internal static class Numbers
{
    /// <summary>Numbers from -1 to 1, the same for the same seed on every machine.</summary>
    /// <returns>[shape] float32 on the CPU; the caller's scope disposes it.</returns>
    public static Tensor Random(int seed, params long[] shape)
    {
        var random = new Random(seed);
        var numbers = new float[shape.Aggregate(1L, (product, length) => product * length)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (random.NextSingle() * 2) - 1;
        }

        return tensor(numbers).reshape(shape);
    }

    /// <summary>The values of a tensor of any format and device, row-major.</summary>
    public static double[] Doubles(Tensor values) => values.to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    /// <summary>The largest difference, divided by the largest value expected; infinite where anything is not a number.</summary>
    public static double RelativeError(ReadOnlySpan<double> found, ReadOnlySpan<double> expected)
    {
        var (error, scale) = (0.0, double.Epsilon);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(found[i] - expected[i]);
            error = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(error, difference);
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }

        return error / scale;
    }
}
