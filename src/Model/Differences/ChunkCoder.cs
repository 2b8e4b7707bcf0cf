using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace Orca.Model.Differences;

/// <summary>
/// Packs values so that small differences take little room. Values are unsigned integers of their bits; of one that is predicted the
/// distance is kept, modulo the integers' range, with its sign in the lowest bit. All lowest bytes lie first, then all next ones, packed
/// by zstd. Owned by one thread.
/// </summary>
internal sealed class ChunkCoder : IDisposable
{
    // Bytes of weights are noise or nearly constant: nothing is gained by looking harder for repetitions.
    private const int Level = 1;

    private readonly Compressor compressor = new(Level);
    private readonly Decompressor decompressor = new();

    /// <summary>Packs values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="predicted">What they are expected to be; empty where nothing is expected.</param>
    /// <param name="width">Bytes of a value: 1, 2, 4 or 8.</param>
    /// <returns>A frame of zstd.</returns>
    public byte[] Pack(ReadOnlySpan<byte> values, ReadOnlySpan<byte> predicted, int width)
    {
        var planes = new byte[values.Length];
        switch (width)
        {
            case 1:
                Split<byte>(values, predicted, planes);
                break;
            case 2:
                Split<ushort>(values, predicted, planes);
                break;
            case 4:
                Split<uint>(values, predicted, planes);
                break;
            default:
                Split<ulong>(values, predicted, planes);
                break;
        }

        return compressor.Wrap(planes).ToArray();
    }

    /// <summary>Unpacks values.</summary>
    /// <param name="frame">What <see cref="Pack"/> gave.</param>
    /// <param name="predicted">What it was given as expected.</param>
    /// <param name="width">Bytes of a value: 1, 2, 4 or 8.</param>
    /// <param name="values">As many bytes as were packed.</param>
    /// <returns>False where the frame is damaged.</returns>
    public bool Unpack(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> predicted, int width, Span<byte> values)
    {
        var planes = new byte[values.Length];
        try
        {
            if (decompressor.Unwrap(frame, planes) != planes.Length)
            {
                return false;
            }
        }
        catch (ZstdException)
        {
            return false;
        }

        switch (width)
        {
            case 1:
                Join<byte>(planes, predicted, values);
                break;
            case 2:
                Join<ushort>(planes, predicted, values);
                break;
            case 4:
                Join<uint>(planes, predicted, values);
                break;
            default:
                Join<ulong>(planes, predicted, values);
                break;
        }

        return true;
    }

    public void Dispose()
    {
        compressor.Dispose();
        decompressor.Dispose();
    }

    private static void Split<T>(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected, Span<byte> planes)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes);
        var predicted = MemoryMarshal.Cast<byte, T>(expected);
        var width = Unsafe.SizeOf<T>();
        for (var i = 0; i < values.Length; i++)
        {
            var value = predicted.IsEmpty ? values[i] : Folded(unchecked(values[i] - predicted[i]), width);
            for (var plane = 0; plane < width; plane++)
            {
                planes[(plane * values.Length) + i] = byte.CreateTruncating(value >>> (8 * plane));
            }
        }
    }

    private static void Join<T>(ReadOnlySpan<byte> planes, ReadOnlySpan<byte> expected, Span<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes);
        var predicted = MemoryMarshal.Cast<byte, T>(expected);
        var width = Unsafe.SizeOf<T>();
        for (var i = 0; i < values.Length; i++)
        {
            var value = T.Zero;
            for (var plane = 0; plane < width; plane++)
            {
                value |= T.CreateTruncating(planes[(plane * values.Length) + i]) << (8 * plane);
            }

            values[i] = predicted.IsEmpty ? value : unchecked(predicted[i] + Unfolded(value));
        }
    }

    // 0, -1, 1, -2, … become 0, 1, 2, 3, …
    private static T Folded<T>(T distance, int width)
        where T : unmanaged, IBinaryInteger<T> =>
        unchecked((distance << 1) ^ (T.Zero - (distance >>> ((8 * width) - 1))));

    private static T Unfolded<T>(T folded)
        where T : unmanaged, IBinaryInteger<T> => unchecked((folded >>> 1) ^ (T.Zero - (folded & T.One)));
}
