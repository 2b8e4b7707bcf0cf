using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu;

// A panel holds the weights of 16 outputs, so that one vector register takes one weight of each. Two inputs lie side by
// side: a pair. Every kernel adds the products of an output up in the order of the inputs, one after the other, so its
// result does not depend on how many rows are computed with it.

/// <summary>How floating-point weights lie in a panel.</summary>
internal unsafe interface IFloatPanel
{
    /// <summary>Bytes of the weights of 16 outputs for two inputs.</summary>
    static abstract int PairBytes { get; }

    /// <summary>Widens the weights of a pair: those for its first input, and those for its second.</summary>
    static abstract void Load(byte* pair, out Vector512<float> first, out Vector512<float> second);

    /// <summary>Writes the weights of one output for one pair.</summary>
    static abstract void Store(byte* pair, int output, float first, float second);
}

/// <summary>fp32: 16 weights for the first input, then 16 for the second.</summary>
internal readonly unsafe struct Float32Panel : IFloatPanel
{
    public static int PairBytes => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* pair, out Vector512<float> first, out Vector512<float> second)
    {
        first = Vector512.Load((float*)pair);
        second = Vector512.Load((float*)pair + 16);
    }

    public static void Store(byte* pair, int output, float first, float second)
    {
        ((float*)pair)[output] = first;
        ((float*)pair)[output + 16] = second;
    }
}

/// <summary>bf16: 16 words of 32 bits, the weight for the first input in the low half, for the second in the high half.</summary>
internal readonly unsafe struct BFloat16Panel : IFloatPanel
{
    public static int PairBytes => 64;

    // A bf16 is the high half of an fp32: the second weight needs a mask, the first a shift.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* pair, out Vector512<float> first, out Vector512<float> second)
    {
        var words = Vector512.Load((uint*)pair);
        first = Vector512.ShiftLeft(words, 16).AsSingle();
        second = Vector512.BitwiseAnd(words, Vector512.Create(0xFFFF0000u)).AsSingle();
    }

    public static void Store(byte* pair, int output, float first, float second) =>
        ((uint*)pair)[output] = BFloat16Bits.Round(first) | ((uint)BFloat16Bits.Round(second) << 16);
}

/// <summary>The bits of a bf16.</summary>
internal static class BFloat16Bits
{
    /// <summary>The nearest bf16, to even where two are equally near.</summary>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Its value.</summary>
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
