using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// Writes the kernels of floating-point panels. All sums stay in registers (at most 24 of 32), so that every weight loaded
/// serves all rows, and every input both halves of the panel.
/// </summary>
internal static class FloatTileCode
{
    /// <summary>Rows whose sums, with weights and an input, fit into the registers.</summary>
    public const int MaxRows = 12;

    private const int UnitsAtOnce = 4;

    private static readonly Zmm First = new(24);
    private static readonly Zmm Second = new(26);
    private static readonly Zmm Input = new(28);
    private static readonly Zmm HighHalves = new(29);

    /// <summary>Writes one kernel.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="format">How weights lie.</param>
    /// <param name="inputs">How inputs lie: fp32, or pairs of bf16 for weights in bf16.</param>
    /// <param name="rows">Height of the tile.</param>
    /// <param name="share">One line of what a tile reads in 2 to the power of this is asked for ahead.</param>
    /// <param name="apart">Whether a tile's products are summed by themselves before they are added to what the outputs hold.</param>
    public static void Write(Assembler code, PanelFormat format, InputForm inputs, int rows, int share, bool apart)
    {
        var tile = new TileCode(code);
        var rowBytes = rows * inputs.UnitWords() * sizeof(float);
        tile.Begin();
        if (format == PanelFormat.Bf16 && inputs == InputForm.Fp32)
        {
            code.Mov(Gpr.Rcx, 0xFFFF_0000);
            code.Vpbroadcastd(HighHalves, Gpr.Rcx);
        }

        tile.ClearSums(rows, Sum);
        if (!apart)
        {
            tile.UnlessBegun(() => tile.LoadSums(rows, Sum));
        }

        tile.Loop(UnitsAtOnce, format.UnitBytes(), rowBytes, format.LinesAhead(UnitsAtOnce, share), UnitsAtOnce, AddUnit);
        tile.Loop(1, format.UnitBytes(), rowBytes, 0, 1, AddUnit);
        if (apart)
        {
            tile.UnlessBegun(() => tile.AddSums(rows, Sum));
        }

        tile.End(rows, Sum);

        void AddUnit(int unit)
        {
            var weights = unit * format.UnitBytes();
            if (inputs == InputForm.BFloat16Pairs)
            {
                LoadPair(code, weights);
                AddRows(code, First, rows, unit * rowBytes, code.Vdpbf16ps);
                return;
            }

            Load(code, format, weights, isSecond: false, First);
            AddRows(code, First, rows, unit * rowBytes, code.Vfmadd231ps);
            Load(code, format, weights, isSecond: true, Second);
            AddRows(code, Second, rows, (unit * rowBytes) + (rows * sizeof(float)), code.Vfmadd231ps);
        }
    }

    private static Zmm Sum(int row, int half) => new((row * TileCode.Halves) + half);

    private static Zmm Half(Zmm weights, int half) => new(weights.Number + half);

    private static void AddRows(Assembler code, Zmm weights, int rows, int offset, Action<Zmm, Zmm, Zmm> add)
    {
        for (var row = 0; row < rows; row++)
        {
            code.Vpbroadcastd(Input, TileCode.Rows(offset + (row * sizeof(float))));
            for (var half = 0; half < TileCode.Halves; half++)
            {
                add(Sum(row, half), Half(weights, half), Input);
            }
        }
    }

    private static void LoadPair(Assembler code, int offset)
    {
        for (var half = 0; half < TileCode.Halves; half++)
        {
            code.Vmovups(Half(First, half), TileCode.Weights(offset + (64 * half)));
        }
    }

    /// <summary>Loads the weights for one input of a pair as fp32.</summary>
    private static void Load(Assembler code, PanelFormat format, int offset, bool isSecond, Zmm to)
    {
        for (var half = 0; half < TileCode.Halves; half++)
        {
            var weights = Half(to, half);
            var words = TileCode.Weights(offset + (64 * half));
            switch (format)
            {
                case PanelFormat.Fp32:
                    code.Vmovups(weights, TileCode.Weights(offset + (isSecond ? 128 : 0) + (64 * half)));
                    break;
                case PanelFormat.Bf16 when isSecond:
                    // A bf16 is the high half of an fp32: the second weight needs a mask, the first a shift.
                    code.Vpandd(weights, HighHalves, words);
                    break;
                case PanelFormat.Bf16:
                    code.Vpslld(weights, words, 16);
                    break;
                case PanelFormat.Fp16:
                    code.Vmovups(weights, words);
                    if (isSecond)
                    {
                        code.Vpsrld(weights, weights, 16);
                    }

                    code.Vpmovdw(weights, weights);
                    code.Vcvtph2ps(weights, weights);
                    break;
                case PanelFormat.Bytes:
                    code.Vpmovsxbd(weights, TileCode.Weights(offset + (isSecond ? 32 : 0) + (16 * half)));
                    code.Vcvtdq2ps(weights, weights);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(format), format, "It has integers with scales.");
            }
        }
    }
}
