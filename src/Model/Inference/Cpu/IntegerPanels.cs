using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu;

// A panel holds the weights of 16 outputs in groups of 32 inputs with one scale an output and group, as GGUF's q8_0 and
// q4_0 do. The processor's instruction takes four bytes of each of 8 outputs at once, unsigned on one side: so weights are
// kept with an offset that makes them positive, and the sums begin at minus the offset times the sum of the inputs.

/// <summary>How integer weights lie in a panel.</summary>
internal unsafe interface IIntegerPanel
{
    /// <summary>Bytes of the weights of 16 outputs for a group of 32 inputs.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>What was added to the weights to make them positive.</summary>
    static abstract int Offset { get; }

    /// <summary>
    /// The weights of 8 outputs for 2 × 4 inputs of a group: inputs <c>4 step</c> to <c>4 step + 3</c>, and the same 16 inputs
    /// later.
    /// </summary>
    /// <param name="group">The group's first byte.</param>
    /// <param name="step">0 to 3.</param>
    /// <param name="half">0 for outputs 0 to 7, 1 for the others.</param>
    /// <param name="early">The first four inputs of each output.</param>
    /// <param name="late">The four inputs 16 later.</param>
    static abstract void Load(byte* group, int step, int half, out Vector256<byte> early, out Vector256<byte> late);
}

/// <summary>int8, -127 to 127: [8 steps, 16 outputs, 4 inputs].</summary>
internal readonly unsafe struct Int8Panel : IIntegerPanel
{
    public static int GroupBytes => 512;

    public static int Offset => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* group, int step, int half, out Vector256<byte> early, out Vector256<byte> late)
    {
        early = Vector256.Load(group + (64 * step) + (32 * half));
        late = Vector256.Load(group + 256 + (64 * step) + (32 * half));
    }
}

/// <summary>int4, -8 to 7: [4 steps, 16 outputs, 4 bytes], each byte with the weights of two inputs 16 apart.</summary>
internal readonly unsafe struct Int4Panel : IIntegerPanel
{
    public static int GroupBytes => 256;

    public static int Offset => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* group, int step, int half, out Vector256<byte> early, out Vector256<byte> late)
    {
        var both = Vector256.Load(group + (64 * step) + (32 * half));
        var low = Vector256.Create((byte)0x0F);
        early = Vector256.BitwiseAnd(both, low);
        late = Vector256.BitwiseAnd(Vector256.ShiftRightLogical(both.AsUInt16(), 4).AsByte(), low);
    }
}

/// <summary>Arithmetic of the integer panels.</summary>
internal static unsafe class IntegerVectors
{
    /// <summary>Adds to each of 8 sums the products of four unsigned and four signed bytes; exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddProducts(Vector256<int> sums, Vector256<byte> weights, Vector256<sbyte> inputs)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sums, weights, inputs);
        }

        // The bytes at even and at odd places as 16-bit numbers; their products sum without overflow.
        var (even, odd) = (weights.AsInt16() & Vector256.Create((short)0xFF), Vector256.ShiftRightLogical(weights.AsInt16(), 8));
        var evenInputs = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(inputs.AsInt16(), 8), 8);
        var oddInputs = Vector256.ShiftRightArithmetic(inputs.AsInt16(), 8);
        return sums + AddPairs(even, evenInputs) + AddPairs(odd, oddInputs);
    }

    /// <summary>16 fp16 scales as fp32; infinities and NaN are not expected.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> First, Vector256<float> Second) Scales(ushort* scales)
    {
        var (first, second) = Vector256.Widen(Vector256.Load(scales));
        return (Single(first), Single(second));
    }

    // An fp16's exponent and fraction, moved to where an fp32 has them, make its value divided by 2^112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Single(Vector256<uint> halves)
    {
        var magnitude = Vector256.ShiftLeft(halves & Vector256.Create(0x7FFFu), 13).AsSingle() * Vector256.Create(5.192296858534828e33f);
        return (magnitude.AsUInt32() | Vector256.ShiftLeft(halves & Vector256.Create(0x8000u), 16)).AsSingle();
    }

    private static Vector256<int> AddPairs(Vector256<short> left, Vector256<short> right)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.MultiplyAddAdjacent(left, right);
        }

        var even = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(left.AsInt32(), 16), 16)
            * Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(right.AsInt32(), 16), 16);
        return even + (Vector256.ShiftRightArithmetic(left.AsInt32(), 16) * Vector256.ShiftRightArithmetic(right.AsInt32(), 16));
    }
}
