namespace Orca.Model.Weights;

/// <summary>How the values of a row of weights are written. All numbers are little-endian.</summary>
public enum WeightEncoding
{
    /// <summary>32-bit floats.</summary>
    F32,

    /// <summary>16-bit floats, IEEE 754's.</summary>
    F16,

    /// <summary>The upper halves of 32-bit floats.</summary>
    BF16,

    /// <summary>Blocks of 32 values: an F16 scale d, then 32 signed bytes q; a value is d·q.</summary>
    Q8_0,

    /// <summary>
    /// Blocks of 32 values: an F16 scale d, then 16 bytes. Value i &lt; 16 is d·(q - 8) with q the low four bits of byte i,
    /// value 16 + i with its high four bits.
    /// </summary>
    Q4_0,

    /// <summary>As <see cref="Q4_0"/>, but an F16 minimum m follows the scale: a value is d·q + m. Read only.</summary>
    Q4_1,

    /// <summary>
    /// As <see cref="Q4_0"/>, but 32 bits follow the scale, of which bit i is the fifth bit of value i: a value is d·(q - 16). Read only.
    /// </summary>
    Q5_0,

    /// <summary>As <see cref="Q5_0"/>, but an F16 minimum m lies between scale and bits: a value is d·q + m. Read only.</summary>
    Q5_1,

    /// <summary>
    /// Blocks of 256 values in 8 groups of 32: an F16 scale d, an F16 minimum e, 12 bytes with a scale s and a minimum m of 6 bits
    /// for every group, 128 bytes of four bits. A value is d·s·q - e·m. Groups 2·k and 2·k + 1 share the k-th 32 bytes: the
    /// first has the lower four bits of each.
    /// </summary>
    Q4_K,

    /// <summary>
    /// As <see cref="Q4_K"/>, but 32 bytes lie before those of four bits: bit g of byte l is the fifth bit of value l of group g.
    /// Read only.
    /// </summary>
    Q5_K,

    /// <summary>
    /// Blocks of 256 values: 128 bytes of low four bits, 64 of high two bits, 16 signed bytes s, an F16 scale d. A value is
    /// d·s·(q - 32), with one s for every 16 values. Within each half of a block value 32·p + l, p below 4, has its low bits in
    /// byte l + 32·(p mod 2), the lower four where p is below 2, and its high bits in byte l, from bit 2·p on. Read only.
    /// </summary>
    Q6_K,
}

/// <summary>The sizes of the encodings.</summary>
public static class WeightEncodings
{
    /// <summary>Values that are encoded together; a row is a whole number of such blocks.</summary>
    public static int BlockValues(this WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.Q8_0 or WeightEncoding.Q4_0 or WeightEncoding.Q4_1 or WeightEncoding.Q5_0 or WeightEncoding.Q5_1 => 32,
        WeightEncoding.Q4_K or WeightEncoding.Q5_K or WeightEncoding.Q6_K => SuperBlocks.Values,
        _ => 1,
    };

    /// <summary>Bytes of a block.</summary>
    public static int BlockBytes(this WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.F32 => 4,
        WeightEncoding.Q8_0 => 34,
        WeightEncoding.Q4_0 => 18,
        WeightEncoding.Q4_1 => 20,
        WeightEncoding.Q5_0 => 22,
        WeightEncoding.Q5_1 => 24,
        WeightEncoding.Q4_K => 144,
        WeightEncoding.Q5_K => 176,
        WeightEncoding.Q6_K => 210,
        _ => 2,
    };

    /// <summary>Bytes of so many values, which are whole blocks.</summary>
    /// <exception cref="OverflowException">They cannot be counted.</exception>
    public static long BytesOf(this WeightEncoding encoding, long values) =>
        checked(values / encoding.BlockValues() * encoding.BlockBytes());
}
