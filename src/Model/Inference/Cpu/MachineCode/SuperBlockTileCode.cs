using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// Writes the kernels of <see cref="SuperBlockPanel"/>. As in <see cref="IntegerTileCode"/>, sums are exact within what shares a
/// scale, and are added up in order; a group's minimum, times the sum of its inputs, is taken off after it. What is made of
/// scales and minimums serves all rows of the tile.
/// </summary>
internal static class SuperBlockTileCode
{
    /// <summary>Rows whose sums, with weights and an input, fit into the registers.</summary>
    public const int MaxRows = 6;

    private const int Steps = PanelFormats.Group / 4;
    private const int StepBytes = 4 * PanelFormats.PanelOutputs;

    private static readonly Zmm Weights = new(24);
    private static readonly Zmm Input = new(26);
    private static readonly Zmm Scaled = new(26);
    private static readonly Zmm LowBits = new(27);
    private static readonly Zmm Upper = new(28);
    private static readonly Zmm UpperMask = new(30);
    private static readonly Zmm Shifted = new(31);

    /// <summary>Writes one kernel.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="format">How weights lie.</param>
    /// <param name="rows">Height of the tile.</param>
    /// <param name="share">One line of what a tile reads in 2 to the power of this is asked for ahead.</param>
    public static void Write(Assembler code, PanelFormat format, int rows, int share)
    {
        var tile = new TileCode(code);
        var (upperBits, sections) = (SuperBlockPanel.UpperBits(format), SuperBlockPanel.Sections(format));
        tile.Begin();
        Fill(code, LowBits, 0x0F0F_0F0F);
        if (upperBits > 0)
        {
            Fill(code, UpperMask, upperBits == 1 ? 0x1010_1010u : 0x3030_3030u);
        }

        tile.LoadSums(rows, Sum);
        var rowBytes = rows * InputForm.ByteSuperBlocks.UnitWords() * sizeof(int);
        tile.Loop(1, format.UnitBytes(), rowBytes, format.LinesAhead(1, share), SuperBlocks.Groups, group =>
        {
            var weights = SuperBlockPanel.HeaderBytes(format) + (group * SuperBlockPanel.GroupBytes(format));
            var scales = weights + SuperBlockPanel.GroupScalesPlace(format);
            for (var section = 0; section < sections; section++)
            {
                Begin(code, rows, group, sections == 1 ? null : SuperBlockPanel.StartWord + section);
                LoadUpper(code, upperBits, weights + SuperBlockPanel.UpperBitsPlace + (section * StepBytes));
                for (var step = section * Steps / sections; step < (section + 1) * Steps / sections; step++)
                {
                    LoadWeights(code, upperBits, weights, step);
                    AddStep(code, rows, group, step);
                }

                LoadScales(code, isSigned: sections > 1, scales + (section * PanelFormats.PanelOutputs), 0);
                AddSums(code, rows, group);
            }

            if (SuperBlockPanel.HasMinimums(format))
            {
                LoadScales(code, isSigned: false, scales + PanelFormats.PanelOutputs, PanelFormats.ScaleBytes);
                TakeMinimums(code, rows, group);
            }
        });
        tile.End(rows, Sum);
    }

    private static Zmm GroupSum(int row, int half) => new((row * TileCode.Halves) + half);

    private static Zmm Sum(int row, int half) => new(((MaxRows + row) * TileCode.Halves) + half);

    private static Zmm Half(Zmm first, int half) => new(first.Number + half);

    private static Address Word(int rows, int group, int word, int row) =>
        TileCode.Rows(((((group * SuperBlockPanel.InputWords) + word) * rows) + row) * sizeof(int));

    private static void Fill(Assembler code, Zmm register, uint bytes)
    {
        code.Mov(Gpr.Rcx, bytes);
        code.Vpbroadcastd(register, Gpr.Rcx);
    }

    /// <summary>Begins the sums of what shares a scale: at a word of the inputs, or at zero.</summary>
    private static void Begin(Assembler code, int rows, int group, int? startWord)
    {
        for (var row = 0; row < rows; row++)
        {
            var (first, second) = (GroupSum(row, 0), GroupSum(row, 1));
            if (startWord is { } word)
            {
                code.Vpbroadcastd(first, Word(rows, group, word, row));
                code.Vmovdqa32(second, first);
            }
            else
            {
                code.Vpxord(first, first, first);
                code.Vpxord(second, second, second);
            }
        }
    }

    private static void LoadUpper(Assembler code, int upperBits, int place)
    {
        for (var half = 0; half < TileCode.Halves && upperBits > 0; half++)
        {
            code.Vmovups(Half(Upper, half), TileCode.Weights(place + (64 * half)));
        }
    }

    private static void LoadWeights(Assembler code, int upperBits, int place, int step)
    {
        for (var half = 0; half < TileCode.Halves; half++)
        {
            // A byte has the low bits of one of the first 16 inputs in its low half, of one of the others in its high half.
            var weights = Half(Weights, half);
            var bytes = TileCode.Weights(place + (step % (Steps / 2) * StepBytes) + (64 * half));
            if (step < Steps / 2)
            {
                code.Vpandd(weights, LowBits, bytes);
            }
            else
            {
                code.Vmovups(weights, bytes);
                code.Vpsrlw(weights, weights, 4);
                code.Vpandd(weights, weights, LowBits);
            }

            if (upperBits > 0)
            {
                // The step's bits come to stand above the low four.
                code.VpternlogdOrAnd(weights, ShiftedLeft(code, Half(Upper, half), 4 - (upperBits * (step % (8 / upperBits)))), UpperMask);
            }
        }
    }

    private static Zmm ShiftedLeft(Assembler code, Zmm from, int bits)
    {
        switch (bits)
        {
            case 0:
                return from;
            case > 0:
                code.Vpslld(Shifted, from, (byte)bits);
                return Shifted;
            default:
                code.Vpsrld(Shifted, from, (byte)-bits);
                return Shifted;
        }
    }

    private static void AddStep(Assembler code, int rows, int group, int step)
    {
        for (var row = 0; row < rows; row++)
        {
            code.Vpbroadcastd(Input, Word(rows, group, step, row));
            for (var half = 0; half < TileCode.Halves; half++)
            {
                code.Vpdpbusd(GroupSum(row, half), Half(Weights, half), Input);
            }
        }
    }

    /// <summary>A byte of each output, times an fp16 of its; exact. In the registers of the weights.</summary>
    private static void LoadScales(Assembler code, bool isSigned, int bytes, int halves)
    {
        for (var half = 0; half < TileCode.Halves; half++)
        {
            var (scales, from) = (Half(Weights, half), TileCode.Weights(bytes + (16 * half)));
            if (isSigned)
            {
                code.Vpmovsxbd(scales, from);
            }
            else
            {
                code.Vpmovzxbd(scales, from);
            }

            code.Vcvtdq2ps(scales, scales);
            code.Vcvtph2ps(Scaled, TileCode.Weights(halves + (32 * half)));
            code.Vmulps(scales, scales, Scaled);
        }
    }

    private static void AddSums(Assembler code, int rows, int group)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < TileCode.Halves; half++)
            {
                code.Vcvtdq2ps(GroupSum(row, half), GroupSum(row, half));
                code.Vmulps(Scaled, Half(Weights, half), Word(rows, group, SuperBlockPanel.InputScaleWord, row));
                code.Vfmadd231ps(Sum(row, half), GroupSum(row, half), Scaled);
            }
        }
    }

    private static void TakeMinimums(Assembler code, int rows, int group)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < TileCode.Halves; half++)
            {
                code.Vfnmadd231ps(Sum(row, half), Half(Weights, half), Word(rows, group, SuperBlockPanel.InputSumWord, row));
            }
        }
    }
}
