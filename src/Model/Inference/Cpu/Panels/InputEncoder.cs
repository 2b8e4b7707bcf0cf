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
