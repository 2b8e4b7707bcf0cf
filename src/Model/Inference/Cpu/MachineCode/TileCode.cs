using System.Runtime.InteropServices;
using Orca.Model.Inference.Cpu.Kernels;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// What all generated kernels share: a <see cref="Tile"/> in the first argument, its fields in registers that the convention of Linux
/// leaves to them, and a loop over its units.
/// </summary>
internal sealed class TileCode(Assembler code)
{
    /// <summary>Registers of a row of sums.</summary>
    public const int Halves = 2;

    private const int VectorBytes = 64;

    /// <summary>The instructions.</summary>
    public Assembler Code => code;

    /// <summary>The tile.</summary>
    private static Gpr Tile => Gpr.Rdi;

    private static Gpr UnitsLeft => Gpr.Rsi;

    private static Gpr Ahead => Gpr.R10;

    /// <summary>Where a row of sums lies.</summary>
    public static Gpr Sums => Gpr.R11;

    /// <summary>Weights of the unit that is being computed.</summary>
    public static Address Weights(int offset) => new(Gpr.Rax, offset);

    /// <summary>Inputs of the unit that is being computed.</summary>
    public static Address Rows(int offset) => new(Gpr.Rdx, offset);

    /// <summary>A field of the tile.</summary>
    public static Address Field(string name) => new(Tile, (int)Marshal.OffsetOf<Tile>(name));

    /// <summary>Takes the tile's fields.</summary>
    public void Begin()
    {
        code.Mov(Gpr.Rax, Field(nameof(Kernels.Tile.Weights)));
        code.Mov(Gpr.Rdx, Field(nameof(Kernels.Tile.Rows)));
        code.Mov(UnitsLeft, Field(nameof(Kernels.Tile.Units)));
        code.Mov(Ahead, Field(nameof(Kernels.Tile.Ahead)));
    }

    /// <summary>Loads the sums of so many rows.</summary>
    public void LoadSums(int rows, Func<int, int, Zmm> register) =>
        EachSum(rows, (row, half, place) => code.Vmovups(register(row, half), place));

    /// <summary>Begins the sums of so many rows at zero.</summary>
    public void ClearSums(int rows, Func<int, int, Zmm> register)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < Halves; half++)
            {
                code.Vpxord(register(row, half), register(row, half), register(row, half));
            }
        }
    }

    /// <summary>Writes code that is left out where the tile's sums begin with it.</summary>
    public void UnlessBegun(Action write)
    {
        var over = new Label();
        code.Mov(Sums, Field(nameof(Kernels.Tile.Begins)));
        code.Cmp(Sums, 1);
        code.Jge(over);
        write();
        code.Place(over);
    }

    /// <summary>Adds to the sums what lies where they will be stored.</summary>
    public void AddSums(int rows, Func<int, int, Zmm> register) =>
        EachSum(rows, (row, half, place) => code.Vaddps(register(row, half), register(row, half), place));

    /// <summary>Stores the sums, and returns.</summary>
    public void End(int rows, Func<int, int, Zmm> register)
    {
        EachSum(rows, (row, half, place) => code.Vmovups(place, register(row, half)));
        code.Vzeroupper();
        code.Ret();
    }

    /// <summary>Goes through the units, some at a time while there are as many.</summary>
    /// <param name="units">Units of a round.</param>
    /// <param name="unitBytes">Bytes of a unit of weights.</param>
    /// <param name="rowBytes">Bytes of a unit of all rows.</param>
    /// <param name="lines">Lines of memory asked for in a round.</param>
    /// <param name="pieces">Pieces of a round's code: requests for memory are spread among them.</param>
    /// <param name="piece">Writes the code of one piece, given its index.</param>
    public void Loop(int units, int unitBytes, int rowBytes, int lines, int pieces, Action<int> piece)
    {
        Label next = new(), over = new();
        code.Cmp(UnitsLeft, units);
        code.Jl(over);
        code.Place(next);
        for (var index = 0; index < pieces; index++)
        {
            for (var line = lines * index / pieces; line < lines * (index + 1) / pieces; line++)
            {
                code.Prefetcht0(new Address(Ahead, VectorBytes * line));
            }

            piece(index);
        }

        code.Add(Gpr.Rax, units * unitBytes);
        code.Add(Gpr.Rdx, units * rowBytes);
        if (lines > 0)
        {
            code.Add(Ahead, VectorBytes * lines);
        }

        code.Sub(UnitsLeft, units);
        code.Cmp(UnitsLeft, units);
        code.Jge(next);
        code.Place(over);
    }

    private void EachSum(int rows, Action<int, int, Address> visit)
    {
        code.Mov(Sums, Field(nameof(Kernels.Tile.Outputs)));
        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < Halves; half++)
            {
                visit(row, half, new Address(Sums, VectorBytes * half));
            }

            code.Add(Sums, Field(nameof(Kernels.Tile.OutputBytes)));
        }
    }
}
