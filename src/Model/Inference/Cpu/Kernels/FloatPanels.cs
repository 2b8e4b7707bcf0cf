using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>How floating-point weights lie in a unit of two inputs.</summary>
internal unsafe interface IFloatPanel
{
    /// <summary>Bytes of a unit.</summary>
    static abstract int UnitBytes { get; }

    /// <summary>Widens the weights of 16 outputs: those for the unit's first input, and those for its second.</summary>
    /// <param name="unit">The unit's first byte.</param>
    /// <param name="half">0 for outputs 0 to 15, 1 for the others.</param>
    /// <param name="first">For the first input.</param>
    /// <param name="second">For the second.</param>
    static abstract void Load(byte* unit, int half, out Vector512<float> first, out Vector512<float> second);
}

/// <summary><see cref="Panels.PanelFormat.Fp32"/>.</summary>
internal readonly unsafe struct Float32Panel : IFloatPanel
{
    public static int UnitBytes => 256;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* unit, int half, out Vector512<float> first, out Vector512<float> second)
    {
        first = Vector512.Load((float*)unit + (16 * half));
        second = Vector512.Load((float*)unit + 32 + (16 * half));
    }
}

/// <summary><see cref="Panels.PanelFormat.Bf16"/>.</summary>
internal readonly unsafe struct BFloat16Panel : IFloatPanel
{
    public static int UnitBytes => 128;

    // A bf16 is the high half of an fp32: the second weight needs a mask, the first a shift.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* unit, int half, out Vector512<float> first, out Vector512<float> second)
    {
        var words = Vector512.Load((uint*)unit + (16 * half));
        first = Vector512.ShiftLeft(words, 16).AsSingle();
        second = Vector512.BitwiseAnd(words, Vector512.Create(0xFFFF0000u)).AsSingle();
    }
}

/// <summary><see cref="Panels.PanelFormat.Fp16"/>.</summary>
internal readonly unsafe struct Float16Panel : IFloatPanel
{
    public static int UnitBytes => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* unit, int half, out Vector512<float> first, out Vector512<float> second)
    {
        var words = Vector512.Load((uint*)unit + (16 * half));
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

/// <summary><see cref="Panels.PanelFormat.Bytes"/>.</summary>
internal readonly unsafe struct SignedBytePanel : IFloatPanel
{
    public static int UnitBytes => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* unit, int half, out Vector512<float> first, out Vector512<float> second)
    {
        first = Single((sbyte*)unit + (16 * half));
        second = Single((sbyte*)unit + 32 + (16 * half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Single(sbyte* values)
    {
        var (low, high) = Vector128.Widen(Vector128.Load(values));
        return Vector512.ConvertToSingle(Vector512.Create(
            Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)),
            Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high))));
    }
}
