using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>Packs a tile's share of one side of a product as its kernel takes rows of inputs.</summary>
internal readonly unsafe ref struct RowPacking
{
    private const int AmxUnits = 16;
    private const int MostRows = 32;

    /// <summary>Most units that are packed at once.</summary>
    public const int MostUnits = 1_024;

    /// <summary>Words behind a tile that packing it may overwrite.</summary>
    public const int Slack = 15;

    private readonly InputForm form;
    private readonly Operand from;

    /// <param name="form">What to make of the rows.</param>
    /// <param name="from">All rows.</param>
    public RowPacking(InputForm form, in Operand from) => (this.form, this.from) = (form, from);

    /// <summary>Packs one tile.</summary>
    /// <param name="row">Its first row.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="unit">The first unit.</param>
    /// <param name="units">Units, with those that pad the rows, at most <see cref="MostUnits"/>.</param>
    /// <param name="to">As many words as units times rows take; up to <see cref="Slack"/> words behind them are overwritten.</param>
    public void Pack(int row, int rows, int unit, int units, uint* to)
    {
        var (input, inputs) = (2 * unit, Math.Clamp(from.Inner - (2 * unit), 0, 2 * units));
        if (form.UnitsTogether() > 1 && inputs < 2 * units)
        {
            new Span<uint>(to, units * form.UnitWords() * rows).Clear();
        }

        switch (form, from.IsInnermost)
        {
            case (InputForm.Fp32, true):
                Transposition.TransposeTile((uint*)from.At(row, input), from.Stride, rows, inputs, to);
                break;
            case (InputForm.Fp32, false):
                Copy(row, rows, input, inputs, (float*)to);
                break;
            case (InputForm.BFloat16Pairs, true):
                Transposition.RoundAndTranspose(from.At(row, input), from.Stride, rows, inputs, to, rows);
                break;
            case (InputForm.BFloat16Pairs, false):
                PairAndCopy(row, rows, input, inputs, to);
                break;
            case (_, true):
                RoundInGroups(row, rows, input, inputs, to);
                break;
            default:
                TransposeInGroups(row, rows, input, inputs, to);
                break;
        }

        if (form.UnitsTogether() == 1)
        {
            var words = form == InputForm.Fp32 ? inputs : (inputs + 1) / 2;
            new Span<uint>(to + (words * rows), ((units * form.UnitWords()) - words) * rows).Clear();
        }
    }

    // Whole vectors, although a tile is lower: what is written too much the next copy overwrites.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(int row, int rows, int input, int inputs, float* to)
    {
        var isWhole = HoldsVector(row, rows);
        var at = from.At(row, input);
        for (var i = 0; i < inputs; i++, to += rows, at += from.Stride)
        {
            if (isWhole)
            {
                Vector512.Load(at).Store(to);
            }
            else
            {
                new Span<float>(at, rows).CopyTo(new Span<float>(to, rows));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PairAndCopy(int row, int rows, int input, int inputs, uint* to)
    {
        var isWhole = HoldsVector(row, rows);
        var at = from.At(row, input);
        for (var i = 0; i < inputs; i += 2, to += rows, at += 2 * from.Stride)
        {
            if (isWhole && i + 1 < inputs)
            {
                BFloat16Bits.Pair(Vector512.Load(at), Vector512.Load(at + from.Stride)).Store(to);
            }
            else
            {
                PairRows.Round(at, i + 1 < inputs ? at + from.Stride : null, isWhole ? Vector512<float>.Count : rows, to);
            }
        }
    }

    private bool HoldsVector(int row, int rows) => rows <= Vector512<float>.Count && row + Vector512<float>.Count <= from.Count;

    private void Pair(int row, int rows, int input, bool hasSecond, uint* to) =>
        PairRows.Round(from.At(row, input), hasSecond ? from.At(row, input + 1) : null, rows, to);

    private void RoundInGroups(int row, int rows, int input, int inputs, uint* to)
    {
        for (var i = 0; i < inputs; i += 2 * AmxUnits)
        {
            for (var r = 0; r < rows; r++, to += AmxUnits)
            {
                BFloat16Bits.RoundToWords(from.At(row + r, input + i), Math.Min(2 * AmxUnits, inputs - i), to);
            }
        }
    }

    private void TransposeInGroups(int row, int rows, int input, int inputs, uint* to)
    {
        var words = stackalloc uint[AmxUnits * MostRows];
        for (var i = 0; i < inputs; i += 2 * AmxUnits, to += AmxUnits * rows)
        {
            var units = Math.Min(AmxUnits, (inputs - i + 1) / 2);
            for (var unit = 0; unit < units; unit++)
            {
                Pair(row, rows, input + i + (2 * unit), i + (2 * unit) + 1 < inputs, words + (unit * MostRows));
            }

            Transposition.Transpose(words, MostRows, units, rows, to, AmxUnits);
        }
    }
}
