using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>Turns a row of fp32 inputs into the words of a form, in place: no form takes more room than fp32.</summary>
internal static unsafe class InputEncoder
{
    /// <summary>Encodes one row.</summary>
    /// <param name="form">What to make of it.</param>
    /// <param name="row">A whole number of units.</param>
    /// <param name="inputs">Values of the row.</param>
    /// <param name="offset">What integer weights have been raised by.</param>
    public static void Encode(InputForm form, float* row, int inputs, int offset)
    {
        switch (form)
        {
            case InputForm.BFloat16Pairs or InputForm.BFloat16Rows: BFloat16Bits.Round(row, inputs, (ushort*)row); break;
            case InputForm.ByteGroups: QuantiseGroups(row, inputs, offset); break;
            case InputForm.ByteSuperBlocks: QuantiseSuperBlocks(row, inputs); break;
            default: break;
        }
    }

    private static void QuantiseGroups(float* row, int inputs, int offset)
    {
        var to = (int*)row;
        for (var group = 0; group < inputs / PanelFormats.Group; group++, row += PanelFormats.Group, to += InputForm.ByteGroups.UnitWords())
        {
            var (firstSum, secondSum, scale) = Quantise(row, to);
            to[8] = -offset * (firstSum + secondSum);
            ((float*)to)[9] = scale;
        }
    }

    private static void QuantiseSuperBlocks(float* row, int inputs)
    {
        var to = (int*)row;
        for (var group = 0; group < inputs / PanelFormats.Group; group++, row += PanelFormats.Group, to += SuperBlockPanel.InputWords)
        {
            var (firstSum, secondSum, scale) = Quantise(row, to);
            to[SuperBlockPanel.StartWord] = -SuperBlocks.SixBitOffset * firstSum;
            to[SuperBlockPanel.StartWord + 1] = -SuperBlocks.SixBitOffset * secondSum;
            ((float*)to)[SuperBlockPanel.InputScaleWord] = scale;
            ((float*)to)[SuperBlockPanel.InputSumWord] = scale * (firstSum + secondSum);
        }
    }

    /// <summary>Makes 32 values int8 times a scale.</summary>
    /// <returns>The sums of the first and the second 16 numbers, and the scale.</returns>
    private static (int FirstSum, int SecondSum, float Scale) Quantise(float* values, int* to)
    {
        var (low, high) = (Vector512.Load(values), Vector512.Load(values + 16));
        var most = Largest(Vector512.Max(Vector512.Abs(low), Vector512.Abs(high)));
        var inverse = Vector512.Create(most > 0 ? 127 / most : 0);
        var (lowWords, highWords) = (Rounded(low, inverse), Rounded(high, inverse));
        Vector256.Narrow(Narrow(lowWords), Narrow(highWords)).AsInt32().Store(to);
        return (Vector512.Sum(lowWords), Vector512.Sum(highWords), most / 127);
    }

    private static float Largest(Vector512<float> values)
    {
        var half = Vector256.Max(values.GetLower(), values.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(quarter.GetElement(0), quarter.GetElement(1));
    }

    private static Vector512<int> Rounded(Vector512<float> values, Vector512<float> inverse) =>
        Vector512.ConvertToInt32(Vector512.Round(values * inverse));

    private static Vector256<short> Narrow(Vector512<int> words) => Vector256.Narrow(words.GetLower(), words.GetUpper());
}

/// <summary>The bits of a bf16.</summary>
internal static unsafe class BFloat16Bits
{
    /// <summary>The nearest bf16, to even where two are equally near.</summary>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The nearest bf16 of each, to even where two are equally near; NaN becomes some NaN.</summary>
    /// <param name="from">The values.</param>
    /// <param name="count">How many.</param>
    /// <param name="to">Where to; the values' own place will do.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Round(float* from, int count, ushort* to)
    {
        var i = 0;
        for (; i <= count - 32; i += 32)
        {
            // Both are read before anything is written where they lay.
            var (low, high) = (Round(Vector512.Load(from + i)), Round(Vector512.Load(from + i + 16)));
            Vector512.Narrow(low, high).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = Round(from[i]);
        }
    }

    /// <summary>The same in whole words: after an odd number of values follows a zero.</summary>
    public static void RoundToWords(float* from, int count, uint* to)
    {
        Round(from, count, (ushort*)to);
        if (count % 2 != 0)
        {
            ((ushort*)to)[count] = 0;
        }
    }

    /// <summary>Words of two values: the first one's bf16 in the low half, the second one's in the high half.</summary>
    public static Vector512<uint> Pair(Vector512<float> first, Vector512<float> second) => Round(first) | (Round(second) << 16);

    private static Vector512<uint> Round(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
    }
}
