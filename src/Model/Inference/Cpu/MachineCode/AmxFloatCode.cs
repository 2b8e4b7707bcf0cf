using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// Writes the kernels of panels in bf16 for AMX. A panel's 16 units of 16 outputs are what its instruction takes for the right
/// matrix, just as they lie. Two by two tile registers hold the sums of 32 rows and 32 outputs.
/// </summary>
internal static class AmxFloatCode
{
    /// <summary>Rows of two tile registers.</summary>
    public const int MaxRows = 2 * TileShapes.MaxRows;

    private const int Pieces = 4;

    private static readonly Gpr OutputStride = Gpr.R8;
    private static readonly Gpr InputStride = Gpr.R9;
    private static readonly Gpr WeightStride = Gpr.Rcx;

    /// <summary>Writes one kernel; its units are a whole number of <see cref="InputForms.UnitsTogether"/>.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="rows">Height of the tile.</param>
    /// <param name="share">One line of what a tile reads in 2 to the power of this is asked for ahead.</param>
    public static void Write(Assembler code, int rows, int share)
    {
        const PanelFormat Format = PanelFormat.Bf16;
        var tile = new TileCode(code);
        var units = InputForm.BFloat16Rows.UnitsTogether();
        var shapes = Shapes(rows);
        tile.Begin();
        shapes.Load(code);
        code.Mov(OutputStride, TileCode.Field(nameof(Tile.OutputBytes)));
        code.Mov(InputStride, TileShapes.RowBytes);
        code.Mov(WeightStride, (uint)Format.UnitBytes());
        EachSum(code, rows, (sum, place) => code.Tileloadd(sum, place, OutputStride));
        tile.Loop(units, Format.UnitBytes(), rows * sizeof(uint), Format.LinesAhead(units, share), Pieces, piece =>
        {
            var (part, half) = (piece / TileCode.Halves, piece % TileCode.Halves);
            if (part == 0)
            {
                code.Tileloadd(Weights(half), TileCode.Weights(64 * half), WeightStride);
            }

            if (RowsOf(rows, part) == 0)
            {
                return;
            }

            if (half == 0)
            {
                code.Tileloadd(Inputs(part), TileCode.Rows(part * TileShapes.MaxRows * TileShapes.RowBytes), InputStride);
            }

            code.Tdpbf16ps(Sum(part, half), Inputs(part), Weights(half));
        });
        EachSum(code, rows, (sum, place) => code.Tilestored(place, OutputStride, sum));
        code.Tilerelease();
        code.Ret();
        shapes.Place(code);
    }

    private static Tmm Sum(int part, int half) => new((part * TileCode.Halves) + half);

    private static Tmm Inputs(int part) => new(4 + part);

    private static Tmm Weights(int half) => new(6 + half);

    /// <summary>Rows of the first or the second tile register.</summary>
    private static int RowsOf(int rows, int part) => Math.Clamp(rows - (part * TileShapes.MaxRows), 0, TileShapes.MaxRows);

    private static TileShapes Shapes(int rows)
    {
        var shapes = new TileShapes();
        for (var part = 0; part < 2; part++)
        {
            shapes.Set(Inputs(part), RowsOf(rows, part), TileShapes.RowBytes);
            for (var half = 0; half < TileCode.Halves; half++)
            {
                shapes.Set(Sum(part, half), RowsOf(rows, part), TileShapes.RowBytes);
            }
        }

        for (var half = 0; half < TileCode.Halves; half++)
        {
            shapes.Set(Weights(half), TileShapes.MaxRows, TileShapes.RowBytes);
        }

        return shapes;
    }

    private static void EachSum(Assembler code, int rows, Action<Tmm, Address> visit)
    {
        code.Mov(TileCode.Sums, TileCode.Field(nameof(Tile.Outputs)));
        for (var part = 0; RowsOf(rows, part) > 0; part++)
        {
            for (var half = 0; half < TileCode.Halves; half++)
            {
                visit(Sum(part, half), new Address(TileCode.Sums, 64 * half));
            }

            for (var row = 0; row < TileShapes.MaxRows; row++)
            {
                code.Add(TileCode.Sums, TileCode.Field(nameof(Tile.OutputBytes)));
            }
        }
    }
}
