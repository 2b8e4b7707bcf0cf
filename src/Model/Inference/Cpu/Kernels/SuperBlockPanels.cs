using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>Which kind of <see cref="SuperBlockPanel"/> it is.</summary>
internal interface ISuperBlocks
{
    /// <summary>The format.</summary>
    static abstract PanelFormat Format { get; }
}

/// <summary><see cref="PanelFormat.Q4K"/>.</summary>
internal readonly struct FourBitBlocks : ISuperBlocks
{
    public static PanelFormat Format => PanelFormat.Q4K;
}

/// <summary><see cref="PanelFormat.Q5K"/>.</summary>
internal readonly struct FiveBitBlocks : ISuperBlocks
{
    public static PanelFormat Format => PanelFormat.Q5K;
}

/// <summary><see cref="PanelFormat.Q6K"/>.</summary>
internal readonly struct SixBitBlocks : ISuperBlocks
{
    public static PanelFormat Format => PanelFormat.Q6K;
}

/// <summary>Reads eight outputs of a <see cref="SuperBlockPanel"/>: a quarter of it.</summary>
internal static unsafe class SuperBlockVectors
{
    private const int StepBytes = 4 * PanelFormats.PanelOutputs;

    /// <summary>The quants for inputs <c>4 step</c> to <c>4 step + 3</c> of a group.</summary>
    /// <param name="group">The group's first byte.</param>
    /// <param name="step">0 to 7.</param>
    /// <param name="quarter">Which 8 of the panel's 32 outputs.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Quants<TPanel>(byte* group, int step, int quarter)
        where TPanel : struct, ISuperBlocks
    {
        var quants = Int4Panel.Load(group, step, quarter);
        var upperBits = SuperBlockPanel.UpperBits(TPanel.Format);
        if (upperBits == 0)
        {
            return quants;
        }

        var (word, place) = (step / (8 / upperBits), step % (8 / upperBits));
        var upper = Vector256.Load((uint*)(group + SuperBlockPanel.UpperBitsPlace + (StepBytes * word)) + (8 * quarter)) >>> (upperBits * place);
        return quants | ((upper & Vector256.Create(upperBits == 1 ? 0x0101_0101u : 0x0303_0303u)) << 4).AsByte();
    }

    /// <summary>A scale, or a minimum, of each output: a byte times an fp16; exact.</summary>
    /// <param name="halves">The fp16 of the panel's first output.</param>
    /// <param name="bytes">The byte of the panel's first output.</param>
    /// <param name="quarter">Which 8 of the panel's 32 outputs.</param>
    /// <param name="isSigned">Whether bytes have a sign.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales(byte* halves, byte* bytes, int quarter, bool isSigned)
    {
        var eight = Vector128.CreateScalarUnsafe(*(ulong*)(bytes + (8 * quarter)));
        var numbers = isSigned
            ? Widened(Vector128.WidenLower(eight.AsSByte()))
            : Widened(Vector128.WidenLower(eight.AsByte()).AsInt16());
        return Vector256.ConvertToSingle(numbers) * IntegerVectors.Scales((ushort*)halves + (8 * quarter));
    }

    private static Vector256<int> Widened(Vector128<short> numbers) =>
        Vector256.Create(Vector128.WidenLower(numbers), Vector128.WidenUpper(numbers));
}
