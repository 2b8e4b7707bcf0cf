using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>
/// Products of floating-point panels in plain C#, for processors without AVX-512 and systems that allow no generated code; to
/// the bit what the generated kernels give for the same inputs. Four rows at a time, half a panel at a time, so that their
/// sums fit into the 16 registers of AVX2.
/// </summary>
internal static unsafe class PortableFloatTiles
{
    /// <summary>Adds a tile's products to its sums.</summary>
    public static void Add<TPanel>(int rows, in Tile tile)
        where TPanel : struct, IFloatPanel
    {
        for (var half = 0; half < 2; half++)
        {
            var row = 0;
            for (; row <= rows - 4; row += 4)
            {
                AddFour<TPanel>(rows, row, half, tile);
            }

            for (; row < rows; row++)
            {
                AddOne<TPanel>(rows, row, half, tile);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<TPanel>(int rows, int row, int half, in Tile tile)
        where TPanel : struct, IFloatPanel
    {
        var weights = tile.Weights;
        var inputs = (float*)tile.Rows + row;
        var outputs = (float*)((byte*)(tile.Outputs + (16 * half)) + (row * tile.OutputBytes));
        var stride = tile.OutputBytes / sizeof(float);
        var (sum0, sum1) = (Vector512.Load(outputs), Vector512.Load(outputs + stride));
        var (sum2, sum3) = (Vector512.Load(outputs + (2 * stride)), Vector512.Load(outputs + (3 * stride)));
        for (var left = tile.Units; left > 0; left--)
        {
            TPanel.Load(weights, half, out var first, out var second);
            var later = inputs + rows;
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(inputs[0]), first, sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Create(inputs[1]), first, sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Create(inputs[2]), first, sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Create(inputs[3]), first, sum3);
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(later[0]), second, sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Create(later[1]), second, sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Create(later[2]), second, sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Create(later[3]), second, sum3);
            weights += TPanel.UnitBytes;
            inputs = later + rows;
        }

        Vector512.Store(sum0, outputs);
        Vector512.Store(sum1, outputs + stride);
        Vector512.Store(sum2, outputs + (2 * stride));
        Vector512.Store(sum3, outputs + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne<TPanel>(int rows, int row, int half, in Tile tile)
        where TPanel : struct, IFloatPanel
    {
        var weights = tile.Weights;
        var inputs = (float*)tile.Rows + row;
        var outputs = (float*)((byte*)(tile.Outputs + (16 * half)) + (row * tile.OutputBytes));
        var sum = Vector512.Load(outputs);
        for (var left = tile.Units; left > 0; left--)
        {
            TPanel.Load(weights, half, out var first, out var second);
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(inputs[0]), first, sum);
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(inputs[rows]), second, sum);
            weights += TPanel.UnitBytes;
            inputs += 2 * rows;
        }

        Vector512.Store(sum, outputs);
    }
}
