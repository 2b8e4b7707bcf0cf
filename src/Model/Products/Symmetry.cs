using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>Completes products that equal their transposes.</summary>
internal static unsafe class Symmetry
{
    private const int Block = PanelFormats.PanelOutputs;

    /// <summary>Copies what lies above the diagonal to below it, where <see cref="RowsProduct.IsSymmetric"/> left panels out.</summary>
    /// <param name="matrix">[size, size].</param>
    /// <param name="size">Rows and columns.</param>
    public static void Complete(float* matrix, int size)
    {
        for (var row = 0; row < size; row += Block)
        {
            for (var column = row + Block; column < size; column += Block)
            {
                Transposition.Transpose(
                    (uint*)matrix + ((long)row * size) + column, size, Math.Min(Block, size - row), Math.Min(Block, size - column),
                    (uint*)matrix + ((long)column * size) + row, size);
            }
        }
    }
}
