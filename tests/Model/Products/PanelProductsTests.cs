using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Products;

namespace Orca.Model.Tests.Products;

// R rows, C columns, K inner length.
public sealed unsafe class PanelProductsTests
{
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 1 }, { 1, 32, 2 }, { 1, 70, 33 }, { 2, 31, 5 }, { 11, 32, 64 }, { 12, 33, 63 }, { 13, 96, 128 }, { 25, 65, 129 },
        { 97, 64, 1_027 }, { 200, 288, 768 }, { 193, 100, 2_049 }, { 40, 129, 4_100 }, { 300, 40, 300 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Product_in_fp32_is_that_in_double_whichever_index_lies_innermost(int rows, int columns, int inner) =>
        EachLayout((left, right) => Assert.True(
            Distance(rows, columns, inner, left, right, PanelKernels.Float32, static value => value) < 3e-7));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Product_in_bf16_is_that_of_the_rounded_values(int rows, int columns, int inner) =>
        EachLayout((left, right) => Assert.True(
            Distance(rows, columns, inner, left, right, PanelKernels.BFloat16, Rounded) < 1e-5));

    [Fact]
    public void Product_is_equal_to_the_bit_for_any_number_of_threads()
    {
        var (left, right) = (Values(201, 1_500, 1), Values(97, 1_500, 2));
        var expected = Multiply(201, 97, 1_500, left, true, right, true, PanelKernels.Float32, threads: 1);
        foreach (var threads in new[] { 2, 3, 5 })
        {
            Assert.Equal(expected, Multiply(201, 97, 1_500, left, true, right, true, PanelKernels.Float32, threads));
        }
    }

    [Fact]
    public void Product_that_is_added_adds_to_what_lies_there_and_a_bias_begins_every_row()
    {
        var (left, right) = (Values(30, 70, 3), Values(45, 70, 4));
        var plain = Multiply(30, 45, 70, left, true, right, true, PanelKernels.Float32, 2);
        var bias = Values(1, 45, 5);
        var withBias = Multiply(30, 45, 70, left, true, right, true, PanelKernels.Float32, 2, bias: bias);
        var twice = Multiply(30, 45, 70, left, true, right, true, PanelKernels.Float32, 2, times: 2);
        for (var i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i] + bias[i % 45], withBias[i], 1e-5);
            Assert.Equal(2 * plain[i], twice[i], 1e-5);
        }
    }

    private static void EachLayout(Action<bool, bool> check)
    {
        check(true, true);
        check(true, false);
        check(false, false);
        check(false, true);
    }

    private static double Distance(
        int rows, int columns, int inner, bool leftInnermost, bool rightInnermost, Func<TileKernel> kernel, Func<float, float> kept)
    {
        var (left, right) = (Values(rows, inner, rows), Values(columns, inner, columns));
        var product = Multiply(
            rows, columns, inner, Laid(left, rows, inner, leftInnermost), leftInnermost,
            Laid(right, columns, inner, rightInnermost), rightInnermost, kernel, 2);
        var (error, norm) = (0.0, 0.0);
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                var sum = 0.0;
                for (var k = 0; k < inner; k++)
                {
                    sum += (double)kept(left[(r * inner) + k]) * kept(right[(c * inner) + k]);
                }

                error += Math.Pow(product[(r * columns) + c] - sum, 2);
                norm += sum * sum;
            }
        }

        return Math.Sqrt(error / norm);
    }

    private static float[] Multiply(
        int rows, int columns, int inner, float[] left, bool leftInnermost, float[] right, bool rightInnermost, Func<TileKernel> kernel,
        int threads, float[]? bias = null, int times = 1)
    {
        using var products = new PanelProducts(kernel(), threads);
        using var buffer = new PanelBuffer();
        var outputs = new float[rows * columns];
        Array.Fill(outputs, float.NaN);
        fixed (float* leftAt = left, rightAt = right, outputsAt = outputs, biasAt = bias)
        {
            products.Pack(buffer, new Operand(rightAt, columns, inner, rightInnermost));
            for (var time = 0; time < times; time++)
            {
                products.Multiply(
                    new Operand(leftAt, rows, inner, leftInnermost), [buffer.Into(outputsAt, adds: time > 0, biasAt)]);
            }
        }

        return outputs;
    }

    private static float[] Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    private static float[] Laid(float[] values, int rows, int columns, bool innermost) => innermost
        ? values
        : [.. Enumerable.Range(0, rows * columns).Select(i => values[(i % rows * columns) + (i / rows)])];

    private static float Rounded(float value) => BitConverter.UInt32BitsToSingle((uint)BFloat16Bits.Round(value) << 16);
}
