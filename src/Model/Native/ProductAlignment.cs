using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Native;

/// <summary>
/// Repeats matrix products with operands of equal values at different distances from a line of the cache, and compares the results to
/// the bit. Where they differ, two equal runs of a training differ, since memory is never laid out twice in the same way.
/// </summary>
// M rows, N columns, K inner length.
public static class ProductAlignment
{
    // A small one, an odd one, and those of the embedded student's layers for a row of 256 tokens.
    private static readonly (int M, int N, int K)[] Sizes = [(1, 64, 256), (33, 65, 129), (256, 128, 128), (256, 384, 128),
        (256, 128, 384)];

    // Floats from a line's begin; 16 of them make a line.
    private static readonly int[] Offsets = [0, 1, 2, 3, 4, 6, 8, 12, 15];

    /// <summary>
    /// Which products depend on where their operands lie, such as <c>fp32 [33, 129] × [129, 65]</c>; none where all are equal to the
    /// bit.
    /// </summary>
    public static IReadOnlyList<string> Differing(ScalarType format, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var differing = new List<string>();
        foreach (var (m, n, k) in Sizes)
        {
            var left_MK = randn([m, k], ScalarType.Float32, generator: generator).to(format, device);
            var right_NK = randn([n, k], ScalarType.Float32, generator: generator).to(format, device);
            if (!IsEqualEverywhere(left_MK, right_NK))
            {
                differing.Add($"{format} [{m}, {k}] × [{k}, {n}]");
            }
        }

        return differing;
    }

    // A layer's output, and the gradient of its weights, which is a sum over rows.
    private static bool IsEqualEverywhere(Tensor left_MK, Tensor right_NK)
    {
        var output_MN = left_MK.matmul(right_NK.t());
        var gradient_NK = output_MN.t().matmul(left_MK);
        foreach (var offset in Offsets)
        {
            using var scope = NewDisposeScope();
            var shiftedLeft_MK = At(offset, left_MK);
            var shifted_MN = shiftedLeft_MK.matmul(At(15 - offset, right_NK).t());
            if (!AreEqual(shifted_MN, output_MN) || !AreEqual(At(offset, output_MN).t().matmul(shiftedLeft_MK), gradient_NK))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreEqual(Tensor left, Tensor right) => left.eq(right).all().item<bool>();

    private static Tensor At(int offset, Tensor values)
    {
        var buffer = empty([values.numel() + 16], values.dtype, values.device);
        var shifted = buffer.narrow(0, offset, values.numel()).reshape(values.shape);
        return shifted.copy_(values);
    }
}
