using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>
/// Packs one side of a product into panels of 32 columns, fp32 or rounded to bf16; a part is some panels' share of a stretch of the
/// inner length, so that memory is read in runs.
/// </summary>
internal unsafe struct PanelPacking : IParallelWork
{
    private const int Outputs = PanelFormats.PanelOutputs;
    private const int PanelsOfPart = 4;
    private const int UnitsOfPart = 128;

    public Operand From;
    public PanelFormat Format;

    /// <summary>Bytes of a unit of the format.</summary>
    public int UnitBytes;

    /// <summary>Units of a panel, with those that pad it.</summary>
    public int Units;

    public byte* To;

    public readonly int Parts => (PanelCount + PanelsOfPart - 1) / PanelsOfPart * Stretches;

    private readonly int PanelCount => (From.Count + Outputs - 1) / Outputs;

    private readonly int Stretches => (Units + UnitsOfPart - 1) / UnitsOfPart;

    private readonly long PanelBytes => (long)Units * UnitBytes;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        var (group, stretch) = Math.DivRem(part, Stretches);
        var (first, unit) = (group * PanelsOfPart, stretch * UnitsOfPart);
        var (end, units) = (Math.Min(first + PanelsOfPart, PanelCount), Math.Min(UnitsOfPart, Units - unit));
        var inputs = Math.Clamp(From.Inner - (2 * unit), 0, 2 * units);
        for (var panel = first; panel < end; panel++)
        {
            var to = Place(panel, unit);
            if (inputs < 2 * units || (panel + 1) * Outputs > From.Count)
            {
                new Span<byte>(to, units * UnitBytes).Clear();
            }

            if (From.IsInnermost)
            {
                Transpose(panel, 2 * unit, inputs, (uint*)to);
            }
        }

        if (!From.IsInnermost)
        {
            Copy(first, end, unit, inputs);
        }
    }

    private readonly byte* Place(int panel, int unit) => To + (panel * PanelBytes) + ((long)unit * UnitBytes);

    private readonly int ColumnsOf(int panel) => Math.Min(Outputs, From.Count - (panel * Outputs));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Transpose(int panel, int input, int inputs, uint* to)
    {
        var from = From.At(panel * Outputs, input);
        if (Format == PanelFormat.Fp32)
        {
            Transposition.Transpose((uint*)from, From.Stride, ColumnsOf(panel), inputs, to, Outputs);
            return;
        }

        Transposition.RoundAndTranspose(from, From.Stride, ColumnsOf(panel), inputs, to, Outputs);
    }

    private static void CopyRow(float* from, int columns, float* to)
    {
        if (columns == Outputs)
        {
            Vector512.Load(from).Store(to);
            Vector512.Load(from + Vector512<float>.Count).Store(to + Vector512<float>.Count);
        }
        else
        {
            new Span<float>(from, columns).CopyTo(new Span<float>(to, columns));
        }
    }

    // All panels of a row before the next row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Copy(int first, int end, int unit, int inputs)
    {
        var (step, stride) = (Format == PanelFormat.Fp32 ? 1 : 2, From.Stride);
        var row = From.At(first * Outputs, 2 * unit);
        var words = Place(first, unit);
        for (var input = 0; input < inputs; input += step, row += step * stride, words += Outputs * sizeof(uint))
        {
            var from = row;
            var to = words;
            for (var panel = first; panel < end; panel++, from += Outputs, to += PanelBytes)
            {
                if (Format == PanelFormat.Fp32)
                {
                    CopyRow(from, ColumnsOf(panel), (float*)to);
                }
                else
                {
                    PairRows.Round(from, input + 1 < inputs ? from + stride : null, ColumnsOf(panel), (uint*)to);
                }
            }
        }
    }
}

/// <summary>Two rows of values as one row of words.</summary>
internal static unsafe class PairRows
{
    /// <summary>Rounds both to bf16 and lays them side by side, the first in the words' low halves.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="second">The second; null: zeros.</param>
    /// <param name="count">Values of each.</param>
    /// <param name="to">Other memory.</param>
    public static void Round(float* first, float* second, int count, uint* to)
    {
        var i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var high = second == null ? Vector512<float>.Zero : Vector512.Load(second + i);
            BFloat16Bits.Pair(Vector512.Load(first + i), high).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = BFloat16Bits.Round(first[i]) | ((uint)(second == null ? 0 : BFloat16Bits.Round(second[i])) << 16);
        }
    }
}
