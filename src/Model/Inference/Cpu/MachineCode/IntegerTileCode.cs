using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// Writes the kernels of integer panels. Within a group sums are exact; groups are added up in order, each times the scales of
/// its weights and inputs. Both kinds of sums stay in registers (at most 24 of 32).
/// </summary>
internal static class IntegerTileCode
{
    /// <summary>Rows whose sums, with weights and an input, fit into the registers.</summary>
    public const int MaxRows = 6;

    private const int Steps = PanelFormats.Group / 4;
    private const int StepBytes = 4 * PanelFormats.PanelOutputs;

    private static readonly Zmm Weights = new(24);
    private static readonly Zmm Input = new(26);
    private static readonly Zmm Scaled = new(26);
    private static readonly Zmm LowHalves = new(27);

    /// <summary>Writes one kernel.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="format">How weights lie: int8 or int4.</param>
    /// <param name="rows">Height of the tile.</param>
    /// <param name="share">One line of what a tile reads in 2 to the power of this is asked for ahead.</param>
    public static void Write(Assembler code, PanelFormat format, int rows, int share)
    {
        var tile = new TileCode(code);
        var isPacked = format == PanelFormat.Int4;
        tile.Begin();
        if (isPacked)
        {
            code.Mov(Gpr.Rcx, 0x0F0F_0F0F);
            code.Vpbroadcastd(LowHalves, Gpr.Rcx);
        }

        tile.LoadSums(rows, Sum);
        tile.Loop(1, format.UnitBytes(), rows * InputForm.ByteGroups.UnitWords() * sizeof(int), format.LinesAhead(1, share), 1, _ =>
        {
            Begin(code, rows);
            for (var step = 0; step < Steps; step++)
            {
                Load(code, isPacked, step);
                AddStep(code, rows, step);
            }

            AddGroup(code, rows, format.UnitBytes() - PanelFormats.ScaleBytes);
        });
        tile.End(rows, Sum);
    }

    private static Zmm GroupSum(int row, int half) => new((row * TileCode.Halves) + half);

    private static Zmm Sum(int row, int half) => new(((MaxRows + row) * TileCode.Halves) + half);

    private static Zmm Half(Zmm weights, int half) => new(weights.Number + half);

    /// <summary>A word of the group's rows: eight of inputs, one to begin the sums at, one for the scale.</summary>
    private static Address Word(int rows, int word, int row) => TileCode.Rows(((word * rows) + row) * sizeof(int));

    private static void Begin(Assembler code, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            code.Vpbroadcastd(GroupSum(row, 0), Word(rows, Steps, row));
            code.Vmovdqa32(GroupSum(row, 1), GroupSum(row, 0));
        }
    }

    private static void Load(Assembler code, bool isPacked, int step)
    {
        for (var half = 0; half < TileCode.Halves; half++)
        {
            var weights = Half(Weights, half);
            if (!isPacked)
            {
                code.Vmovups(weights, TileCode.Weights((step * StepBytes) + (64 * half)));
                continue;
            }

            // A byte has a weight of the first 16 inputs in its low half, one of the others in its high half.
            var bytes = TileCode.Weights((step % (Steps / 2) * StepBytes) + (64 * half));
            if (step < Steps / 2)
            {
                code.Vpandd(weights, LowHalves, bytes);
            }
            else
            {
                code.Vmovups(weights, bytes);
                code.Vpsrlw(weights, weights, 4);
                code.Vpandd(weights, weights, LowHalves);
            }
        }
    }

    private static void AddStep(Assembler code, int rows, int step)
    {
        for (var row = 0; row < rows; row++)
        {
            code.Vpbroadcastd(Input, Word(rows, step, row));
            for (var half = 0; half < TileCode.Halves; half++)
            {
                code.Vpdpbusd(GroupSum(row, half), Half(Weights, half), Input);
            }
        }
    }

    private static void AddGroup(Assembler code, int rows, int scales)
    {
        for (var half = 0; half < TileCode.Halves; half++)
        {
            code.Vcvtph2ps(Half(Weights, half), TileCode.Weights(scales + (32 * half)));
        }

        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < TileCode.Halves; half++)
            {
                code.Vcvtdq2ps(GroupSum(row, half), GroupSum(row, half));
                code.Vmulps(Scaled, Half(Weights, half), Word(rows, Steps + 1, row));
                code.Vfmadd231ps(Sum(row, half), GroupSum(row, half), Scaled);
            }
        }
    }
}
