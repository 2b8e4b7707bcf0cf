using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>Eight-bit integers: their product, and what is left of numbers that were stored as them.</summary>
// M rows, N columns, K inner length; sizes that CUDA's integer product takes too.
internal static class Int8Test
{
    private const int M = 32;
    private const int N = 48;
    private const int K = 64;

    /// <summary>The largest error of the integer product; 0 is expected, for integers are exact.</summary>
    public static double ProductError(Device device)
    {
        using var scope = NewDisposeScope();
        var left_MK = Numbers.Random(6, M, K).Times_(127).round().to(ScalarType.Int8);
        var right_KN = Numbers.Random(7, K, N).Times_(127).round().to(ScalarType.Int8);
        var found_MN = Aten.Int8Product(left_MK.to(device), right_KN.to(device));
        return Numbers.RelativeError(
            Numbers.Doubles(found_MN), MatrixTest.Product(Numbers.Doubles(left_MK), Numbers.Doubles(right_KN), M, N, K));
    }

    /// <summary>The largest error of weights rounded to eight bits with one scale a row, relative to the largest weight.</summary>
    public static double RoundingError(Device device)
    {
        using var scope = NewDisposeScope();
        var weights_MK = Numbers.Random(8, M, K).to(device);
        var scale_M1 = weights_MK.abs().amax([1], keepdim: true).Over(127);
        var stored_MK = (weights_MK / scale_M1).round().to(ScalarType.Int8);
        return Numbers.RelativeError(Numbers.Doubles(stored_MK.to(ScalarType.Float32) * scale_M1), Numbers.Doubles(weights_MK));
    }
}
