using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>
/// Products of integer panels in plain C#, for processors without AVX-512's products of bytes and systems that allow no
/// generated code; to the bit what the generated kernels give. Four rows at a time, a quarter of a panel at a time.
/// </summary>
internal static unsafe class PortableIntegerTiles
{
    private const int Steps = 8;
    private const int UnitWords = 10;

    /// <summary>Adds a tile's products to its sums.</summary>
    public static void Add<TPanel>(int rows, in Tile tile)
        where TPanel : struct, IIntegerPanel
    {
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var row = 0;
            for (; row <= rows - 4; row += 4)
            {
                AddFour<TPanel>(rows, row, quarter, tile);
            }

            for (; row < rows; row++)
            {
                AddOne<TPanel>(rows, row, quarter, tile);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<TPanel>(int rows, int row, int quarter, in Tile tile)
        where TPanel : struct, IIntegerPanel
    {
        var weights = tile.Weights;
        var words = (int*)tile.Rows + row;
        var outputs = (float*)((byte*)(tile.Outputs + (8 * quarter)) + (row * tile.OutputBytes));
        var stride = tile.OutputBytes / sizeof(float);
        var (sum0, sum1) = (Vector256.Load(outputs), Vector256.Load(outputs + stride));
        var (sum2, sum3) = (Vector256.Load(outputs + (2 * stride)), Vector256.Load(outputs + (3 * stride)));
        for (var left = tile.Units; left > 0; left--)
        {
            var starts = words + (Steps * rows);
            var (group0, group1) = (Vector256.Create(starts[0]), Vector256.Create(starts[1]));
            var (group2, group3) = (Vector256.Create(starts[2]), Vector256.Create(starts[3]));
            for (var step = 0; step < Steps; step++)
            {
                var of = TPanel.Load(weights, step, quarter);
                var inputs = words + (step * rows);
                group0 = IntegerVectors.AddProducts(group0, of, Vector256.Create(inputs[0]).AsSByte());
                group1 = IntegerVectors.AddProducts(group1, of, Vector256.Create(inputs[1]).AsSByte());
                group2 = IntegerVectors.AddProducts(group2, of, Vector256.Create(inputs[2]).AsSByte());
                group3 = IntegerVectors.AddProducts(group3, of, Vector256.Create(inputs[3]).AsSByte());
            }

            var scales = IntegerVectors.Scales((ushort*)(weights + TPanel.WeightBytes) + (8 * quarter));
            var rowScales = (float*)(starts + rows);
            sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(group0), scales * Vector256.Create(rowScales[0]), sum0);
            sum1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(group1), scales * Vector256.Create(rowScales[1]), sum1);
            sum2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(group2), scales * Vector256.Create(rowScales[2]), sum2);
            sum3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(group3), scales * Vector256.Create(rowScales[3]), sum3);
            weights += TPanel.WeightBytes + Panels.PanelFormats.ScaleBytes;
            words += UnitWords * rows;
        }

        Vector256.Store(sum0, outputs);
        Vector256.Store(sum1, outputs + stride);
        Vector256.Store(sum2, outputs + (2 * stride));
        Vector256.Store(sum3, outputs + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne<TPanel>(int rows, int row, int quarter, in Tile tile)
        where TPanel : struct, IIntegerPanel
    {
        var weights = tile.Weights;
        var words = (int*)tile.Rows + row;
        var outputs = (float*)((byte*)(tile.Outputs + (8 * quarter)) + (row * tile.OutputBytes));
        var sum = Vector256.Load(outputs);
        for (var left = tile.Units; left > 0; left--)
        {
            var starts = words + (Steps * rows);
            var group = Vector256.Create(*starts);
            for (var step = 0; step < Steps; step++)
            {
                group = IntegerVectors.AddProducts(
                    group, TPanel.Load(weights, step, quarter), Vector256.Create(words[step * rows]).AsSByte());
            }

            var scales = IntegerVectors.Scales((ushort*)(weights + TPanel.WeightBytes) + (8 * quarter));
            sum = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(group), scales * Vector256.Create(((float*)starts)[rows]), sum);
            weights += TPanel.WeightBytes + Panels.PanelFormats.ScaleBytes;
            words += UnitWords * rows;
        }

        Vector256.Store(sum, outputs);
    }
}
