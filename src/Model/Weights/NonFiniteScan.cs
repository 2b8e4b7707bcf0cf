using System.Numerics;
using System.Runtime.InteropServices;

namespace Orca.Model.Weights;

/// <summary>Counts the numbers of stored weights that are infinite or not a number, without decoding them.</summary>
internal static class NonFiniteScan
{
    /// <summary>Parts of a weight's bytes whose length is a multiple of this hold whole values and whole blocks of every format.</summary>
    public const int WholeBytes = 16 * 9 * 5 * 7 * 11 * 17;

    /// <summary>Counts them; blocks of quantised weights count by their scale and minimum.</summary>
    /// <param name="dtype">Name of the stored type: F64, F32, F16, BF16 or one of blocks; any other holds whole numbers.</param>
    /// <param name="bytes">Whole values or blocks, little-endian.</param>
    public static long Count(string dtype, ReadOnlySpan<byte> bytes) => dtype switch
    {
        "F64" => Count<ulong>(bytes, 0x7FF0_0000_0000_0000),
        "F32" => Count<uint>(bytes, 0x7F80_0000),
        "F16" => Count<ushort>(bytes, HalfExponent),
        "BF16" => Count<ushort>(bytes, 0x7F80),
        "Q8_0" => CountScales(bytes, 34, 0),
        "Q4_0" => CountScales(bytes, 18, 0),
        "Q4_1" => CountScales(bytes, 20, 0, 2),
        "Q5_0" => CountScales(bytes, 22, 0),
        "Q5_1" => CountScales(bytes, 24, 0, 2),
        "Q4_K" => CountScales(bytes, 144, 0, 2),
        "Q5_K" => CountScales(bytes, 176, 0, 2),
        "Q6_K" => CountScales(bytes, 210, 208),
        _ => 0,
    };

    private const ushort HalfExponent = 0x7C00;

    // A number whose exponent has every bit set is infinite or none.
    private static long Count<T>(ReadOnlySpan<byte> bytes, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes);
        var mask = new Vector<T>(exponent);
        var count = 0L;
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var found = new Vector<T>(values[i..]);
            if (Vector.EqualsAny(found & mask, mask))
            {
                count += CountEach(values.Slice(i, Vector<T>.Count), exponent);
            }
        }

        return count + CountEach(values[i..], exponent);
    }

    private static long CountEach<T>(ReadOnlySpan<T> values, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var count = 0L;
        foreach (var value in values)
        {
            count += (value & exponent) == exponent ? 1 : 0;
        }

        return count;
    }

    private static long CountScales(ReadOnlySpan<byte> bytes, int blockBytes, params ReadOnlySpan<int> places)
    {
        var count = 0L;
        for (var i = 0; i + blockBytes <= bytes.Length; i += blockBytes)
        {
            foreach (var place in places)
            {
                count += (MemoryMarshal.Read<ushort>(bytes[(i + place)..]) & HalfExponent) == HalfExponent ? 1 : 0;
            }
        }

        return count;
    }
}
