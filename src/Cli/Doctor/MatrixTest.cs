using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>A matrix product against the same in double.</summary>
// M rows, N columns, K inner length; odd sizes, so that the kernels' edges are tried too.
internal static class MatrixTest
{
    private const int M = 33;
    private const int N = 65;
    private const int K = 129;

    /// <summary>The largest error relative to the largest value expected.</summary>
    public static double Error(ScalarType format, Device device)
    {
        using var scope = NewDisposeScope();
        var left_MK = Numbers.Random(1, M, K).to(format);
        var right_KN = Numbers.Random(2, K, N).to(format);
        var found_MN = left_MK.to(device).matmul(right_KN.to(device));
        return Numbers.RelativeError(Numbers.Doubles(found_MN), Product(Numbers.Doubles(left_MK), Numbers.Doubles(right_KN), M, N, K));
    }

    /// <summary>The product of row-major matrices [m, k] and [k, n], summed in double.</summary>
    public static double[] Product(double[] left, double[] right, int m, int n, int k)
    {
        var product = new double[m * n];
        for (var row = 0; row < m; row++)
        {
            for (var column = 0; column < n; column++)
            {
                for (var i = 0; i < k; i++)
                {
                    product[(row * n) + column] += left[(row * k) + i] * right[(i * n) + column];
                }
            }
        }

        return product;
    }
}
