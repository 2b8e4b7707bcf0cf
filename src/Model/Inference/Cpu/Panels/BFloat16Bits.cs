using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu.Panels;

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
            // Both vectors are read before anything is written where they lay.
            Words(from + i).Store((uint*)(to + i));
        }

        if (i <= count - 16)
        {
            Vector512.Narrow(InHighHalves(Vector512.Load(from + i)) >> 16, Vector512<uint>.Zero).GetLower().Store(to + i);
            i += 16;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Pair(Vector512<float> first, Vector512<float> second) =>
        (InHighHalves(first) >> 16) | (InHighHalves(second) & Vector512.Create(0xFFFF_0000u));

    /// <summary>32 values that lie side by side as 16 such words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Words(float* values)
    {
        var (low, high) = (InHighHalves(Vector512.Load(values)), InHighHalves(Vector512.Load(values + Vector512<float>.Count)));
        return Vector512.Narrow(low >> 16, high >> 16).AsUInt32();
    }

    // Below them is what was rounded away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> InHighHalves(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(0x7FC0_0000u));
    }
}
