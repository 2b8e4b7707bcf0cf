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
}

/// <summary>fp16: as bf16. Infinities and NaN are not expected.</summary>
internal readonly unsafe struct Float16Panel : IFloatPanel
{
    public static int PairBytes => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* pair, out Vector512<float> first, out Vector512<float> second)
    {
        var words = Vector512.Load((uint*)pair);
        first = Widen(words);
        second = Widen(Vector512.ShiftRightLogical(words, 16));
    }

    // An fp16's exponent and fraction, moved to where an fp32 has them, make its value divided by 2^112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(Vector512<uint> halves)
    {
        var magnitude = Vector512.ShiftLeft(halves & Vector512.Create(0x7FFFu), 13).AsSingle() * Vector512.Create(5.192296858534828e33f);
        return (magnitude.AsUInt32() | Vector512.ShiftLeft(halves & Vector512.Create(0x8000u), 16)).AsSingle();
    }
}

/// <summary>int8, for keys and values: 16 for the first input, then 16 for the second. Their scales are applied outside.</summary>
internal readonly unsafe struct SignedBytePanel : IFloatPanel
{
    public static int PairBytes => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* pair, out Vector512<float> first, out Vector512<float> second)
    {
        var (firstWords, secondWords) = Vector256.Widen(Vector256.Load((sbyte*)pair));
        first = Single(firstWords);
        second = Single(secondWords);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Single(Vector256<short> values)
    {
        var (low, high) = Vector256.Widen(values);
        return Vector512.ConvertToSingle(Vector512.Create(low, high));
    }
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
}
