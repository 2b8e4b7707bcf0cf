using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.Kernels;

// Integer weights come in groups of 32 inputs with one scale an output and group, as GGUF's q8_0 and q4_0 do. The processor's
// instruction takes four bytes of each of several outputs at once, unsigned on one side: so weights are kept with an offset
// that makes them positive, and the sums begin at minus the offset times the sum of the inputs.

/// <summary>How integer weights lie in a unit of 32 inputs.</summary>
internal unsafe interface IIntegerPanel
{
    /// <summary>Bytes of a unit's weights, before its scales.</summary>
    static abstract int WeightBytes { get; }

    /// <summary>The weights of 8 outputs for inputs <c>4 step</c> to <c>4 step + 3</c>.</summary>
    /// <param name="unit">The unit's first byte.</param>
    /// <param name="step">0 to 7.</param>
    /// <param name="quarter">Which 8 of the panel's 32 outputs.</param>
    static abstract Vector256<byte> Load(byte* unit, int step, int quarter);
}

/// <summary><see cref="Panels.PanelFormat.Int8"/>: -127 to 127, [8 steps, 32 outputs, 4 inputs].</summary>
internal readonly unsafe struct Int8Panel : IIntegerPanel
{
    /// <summary>What was added to the weights to make them positive.</summary>
    public const int Offset = 128;

    public static int WeightBytes => 1_024;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* unit, int step, int quarter) => Vector256.Load(unit + (128 * step) + (32 * quarter));
}

/// <summary>
/// <see cref="Panels.PanelFormat.Int4"/>: -8 to 7, [4 steps, 32 outputs, 4 bytes], each byte with the weights of two inputs 16 apart.
/// </summary>
internal readonly unsafe struct Int4Panel : IIntegerPanel
{
    /// <summary>What was added to the weights to make them positive.</summary>
    public const int Offset = 8;

    public static int WeightBytes => 512;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* unit, int step, int quarter)
    {
        var both = Vector256.Load(unit + (128 * (step % 4)) + (32 * quarter));
        return Vector256.BitwiseAnd(
            step < 4 ? both : Vector256.ShiftRightLogical(both.AsUInt16(), 4).AsByte(), Vector256.Create((byte)0x0F));
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

    /// <summary>8 fp16 scales as fp32; infinities and NaN are not expected.</summary>
    // An fp16's exponent and fraction, moved to where an fp32 has them, make its value divided by 2^112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales(ushort* scales)
    {
        var halves = Vector256.Create(Vector128.WidenLower(Vector128.Load(scales)), Vector128.WidenUpper(Vector128.Load(scales)));
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
