using System.Runtime.InteropServices;
using CsCheck;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Weights;

public sealed class WeightRowsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orca-").FullName;

    [Theory]
    [InlineData(ScalarType.Float32, WeightEncoding.F32)]
    [InlineData(ScalarType.Float16, WeightEncoding.F16)]
    [InlineData(ScalarType.BFloat16, WeightEncoding.BF16)]
    public void Rows_of_safetensors_hold_the_values_of_the_tensor(ScalarType type, WeightEncoding encoding)
    {
        using var scope = NewDisposeScope();
        var matrix = randn(7, 45).to_type(type);
        var vector = randn(19).to_type(type);
        var path = Path.Combine(folder, "model.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["matrix"] = matrix, ["vector"] = vector });
        using var weights = ShardedWeights.Open(folder);
        AssertRows(matrix, encoding, weights.Rows("matrix"));
        AssertRows(vector.unsqueeze(0), encoding, weights.Rows("vector"));
    }

    [Fact]
    public void Rows_of_other_types_and_of_a_disposed_file_are_refused()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, "model.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor>
        {
            ["whole"] = ones(2, 2, ScalarType.Int32),
            ["cube"] = ones(2, 2, 2),
            ["good"] = ones(2, 2),
        });
        var file = SafetensorsFile.Open(path);
        Assert.Contains("I32 [2, 2]", Assert.Throws<ModelFormatException>(() => file.Rows("whole")).Message, StringComparison.Ordinal);
        Assert.Contains("F32 [2, 2, 2]", Assert.Throws<ModelFormatException>(() => file.Rows("cube")).Message, StringComparison.Ordinal);
        var good = file.Rows("good");
        Assert.Throws<ArgumentOutOfRangeException>(() => good.Row(2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => good.Row(-1).Length);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => good.Row(0).Length);
    }

    [Fact]
    public void Blocks_are_decoded_as_their_definition_says() =>
        Gen.Byte.Array[1, 40].Select(Gen.Enum<WeightEncoding>()).Sample((seed, encoding) =>
        {
            var random = new Random(seed.Aggregate(17, (hash, value) => unchecked((hash * 31) + value)));
            var values = seed.Length * encoding.BlockValues();
            var bytes = new byte[encoding.BytesOf(values)];
            random.NextBytes(bytes);
            var found = new float[values];
            RowValues.Decode(encoding, bytes, found);
            for (var i = 0; i < values; i++)
            {
                var wanted = PlainValue(encoding, bytes, i);
                Assert.True(wanted.Equals(found[i]), $"{encoding}: value {i} is {found[i]}, not {wanted}");
            }
        });

    // By hand, bit by bit: one value in each part of both halves, with scales of its own.
    [Fact]
    public void A_block_of_six_bits_is_read_where_its_bits_lie()
    {
        var block = new byte[210];
        MemoryMarshal.Write(block.AsSpan(208), (Half)0.5);
        for (var scale = 0; scale < 16; scale++)
        {
            block[192 + scale] = (byte)(scale % 2 == 0 ? scale + 1 : -scale);
        }

        block[3] = 0x5A;        // low bits of value 3 (A) and of value 3 + 64 (5)
        block[32 + 20] = 0xF1;  // of value 52 (1) and of value 52 + 64 (F)
        block[128 + 3] = 0b00_10_00_11; // high bits of value 3 (3) and of value 67 (2)
        block[128 + 20] = 0b01_00_11_00; // of value 52 (3) and of value 116 (1)
        block[64 + 31] = 0x07;  // of value 128 + 31 (7) and of value 128 + 31 + 64 (0)
        block[128 + 32 + 31] = 0b00_11_00_01; // of value 159 (1) and of value 223 (3)
        var values = new float[256];
        RowValues.Decode(WeightEncoding.Q6_K, block, values);

        Assert.Equal(0.5f * 1 * (0x3A - 32), values[3]);
        Assert.Equal(0.5f * 5 * (0x25 - 32), values[67]);
        Assert.Equal(0.5f * -3 * (0x31 - 32), values[52]);
        Assert.Equal(0.5f * -7 * (0x1F - 32), values[116]);
        Assert.Equal(0.5f * -9 * (0x17 - 32), values[159]);
        Assert.Equal(0.5f * -13 * (0x30 - 32), values[223]);
        Assert.Equal(0.5f * 1 * -32, values[0]);
        Assert.Equal(0.5f * -15 * -32, values[255]);
    }

    // By hand: a group whose scale and minimum are whole bytes' low bits, and one whose upper two bits lie elsewhere.
    [Theory]
    [InlineData(WeightEncoding.Q4_K, 144)]
    [InlineData(WeightEncoding.Q5_K, 176)]
    public void A_block_with_minimums_is_read_where_its_bits_lie(WeightEncoding encoding, int blockBytes)
    {
        var block = new byte[blockBytes];
        MemoryMarshal.Write(block.AsSpan(0), (Half)0.5);
        MemoryMarshal.Write(block.AsSpan(2), (Half)0.25);
        block[4 + 1] = 0b10_000111;     // scale 7 of group 1, upper bits 2 of group 5's scale
        block[4 + 5] = 0b11_001001;     // minimum 9 of group 1, upper bits 3 of group 5's minimum
        block[4 + 9] = 0x5A;            // group 5: scale's low bits A, minimum's 5
        block[blockBytes - 128 + 3] = 0x60; // value 3 of group 1 has its bits in the upper half of the first 32 bytes
        block[blockBytes - 64 + 31] = 0xB0; // value 31 of group 5
        var isFive = encoding == WeightEncoding.Q5_K;
        if (isFive)
        {
            block[16 + 3] = 0b0000_0010;
            block[16 + 31] = 0b0010_0000;
        }

        var values = new float[256];
        RowValues.Decode(encoding, block, values);

        Assert.Equal((0.5f * 7 * (isFive ? 0x16 : 0x6)) - (0.25f * 9), values[32 + 3]);
        Assert.Equal((0.5f * 0x2A * (isFive ? 0x1B : 0xB)) - (0.25f * 0x35), values[160 + 31]);
        Assert.Equal(-0.25f * 9, values[32]);
        Assert.Equal(0f, values[0]);
    }

    [Fact]
    public void A_block_of_five_bits_has_the_fifth_of_each_value_in_a_word_of_their_own()
    {
        var block = new byte[24];
        MemoryMarshal.Write(block.AsSpan(0), (Half)0.5);
        MemoryMarshal.Write(block.AsSpan(2), (Half)(-3));
        MemoryMarshal.Write(block.AsSpan(4), (1u << 2) | (1u << 31));
        block[8 + 2] = 0x07;
        block[8 + 15] = 0x4C;
        var values = new float[32];
        RowValues.Decode(WeightEncoding.Q5_1, block, values);
        Assert.Equal((0.5f * 0x17) - 3, values[2]);
        Assert.Equal((0.5f * 0x14) - 3, values[31]);
        Assert.Equal((0.5f * 0x0C) - 3, values[15]);

        RowValues.Decode(WeightEncoding.Q5_0, [.. block[..2], .. block[4..]], values);
        Assert.Equal(0.5f * (0x17 - 16), values[2]);
        Assert.Equal(0.5f * (0x14 - 16), values[31]);
        Assert.Equal(0.5f * -16, values[0]);
    }

    [Fact]
    public void Encodings_that_only_others_write_are_refused()
    {
        Assert.Equal(
            ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K"],
            Enum.GetValues<WeightEncoding>().Where(RowWriter.Writes).Select(encoding => $"{encoding}"));
        Assert.All(Enum.GetValues<WeightEncoding>(), encoding =>
        {
            void Encode() => RowWriter.Encode(encoding, new float[256], new byte[encoding.BytesOf(256)]);
            if (RowWriter.Writes(encoding))
            {
                Encode();
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(Encode);
            }
        });
    }

    [Fact]
    public void Lengths_that_do_not_belong_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RowValues.Decode(WeightEncoding.Q8_0, new byte[34], new float[31]));
        Assert.Throws<ArgumentException>(() => RowValues.Decode(WeightEncoding.Q4_0, new byte[17], new float[32]));
        Assert.Throws<ArgumentException>(() => RowValues.Decode(WeightEncoding.Q6_K, new byte[105], new float[128]));
        Assert.Throws<ArgumentException>(() => RowValues.Decode(WeightEncoding.F32, new byte[8], new float[1]));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static float PlainValue(WeightEncoding encoding, byte[] bytes, int index)
    {
        var block = bytes.AsSpan(index / encoding.BlockValues() * encoding.BlockBytes());
        var within = index % encoding.BlockValues();
        var half = (float)MemoryMarshal.Read<Half>(block);
        return encoding switch
        {
            WeightEncoding.F32 => MemoryMarshal.Read<float>(block),
            WeightEncoding.F16 => half,
            WeightEncoding.BF16 => BitConverter.Int32BitsToSingle(MemoryMarshal.Read<short>(block) << 16),
            WeightEncoding.Q8_0 => half * (sbyte)block[2 + within],
            WeightEncoding.Q4_1 => (half * Nibble(block[4..], within)) + (float)MemoryMarshal.Read<Half>(block[2..]),
            WeightEncoding.Q5_0 => half * (Nibble(block[6..], within) + (16 * Bit(block[2..], within)) - 16),
            WeightEncoding.Q5_1 => (half * (Nibble(block[8..], within) + (16 * Bit(block[4..], within)))) + (float)MemoryMarshal.Read<Half>(block[2..]),
            WeightEncoding.Q4_K or WeightEncoding.Q5_K => PlainWithMinimums(block[..encoding.BlockBytes()], within),
            WeightEncoding.Q6_K => PlainQ6(block, within),
            _ => half * ((within < 16 ? block[2 + within] & 15 : block[2 + within - 16] >> 4) - 8),
        };
    }

    private static int Nibble(ReadOnlySpan<byte> bytes, int within) => within < 16 ? bytes[within] & 15 : bytes[within - 16] >> 4;

    private static int Bit(ReadOnlySpan<byte> bytes, int place) => bytes[place / 8] >> (place % 8) & 1;

    private static float PlainWithMinimums(ReadOnlySpan<byte> block, int within)
    {
        var (group, place) = (within / 32, within % 32);
        var low = block[^128..];
        var small = block[4..16];
        var quant = low[(32 * (group / 2)) + place] >> (4 * (group % 2)) & 15;
        if (block.Length == 176)
        {
            quant += 16 * (block[16 + place] >> group & 1);
        }

        var scale = group < 4 ? small[group] & 63 : (small[group + 4] & 15) | (small[group - 4] >> 6 << 4);
        var minimum = group < 4 ? small[group + 4] & 63 : (small[group + 4] >> 4) | (small[group] >> 6 << 4);
        return ((float)MemoryMarshal.Read<Half>(block) * scale * quant) - ((float)MemoryMarshal.Read<Half>(block[2..]) * minimum);
    }

    private static float PlainQ6(ReadOnlySpan<byte> block, int within)
    {
        var (half, inHalf) = (within / 128, within % 128);
        var (part, place) = (inHalf / 32, inHalf % 32);
        var low = block[(64 * half) + (32 * (part % 2)) + place] >> (part < 2 ? 0 : 4) & 15;
        var high = block[128 + (32 * half) + place] >> (2 * part) & 3;
        return (float)MemoryMarshal.Read<Half>(block[208..]) * (sbyte)block[192 + (within / 16)] * (low + (16 * high) - 32);
    }

    private static void AssertRows(Tensor wanted, WeightEncoding encoding, IWeightRows rows)
    {
        Assert.Equal(encoding, rows.Encoding);
        Assert.Equal(wanted.shape, new long[] { rows.Rows, rows.Columns });
        var found = new float[rows.Columns];
        for (var row = 0; row < rows.Rows; row++)
        {
            Assert.Equal(encoding.BytesOf(rows.Columns), rows.Row(row).Length);
            rows.ReadFloats(row, found);
            Assert.Equal(wanted[row].to_type(ScalarType.Float32).data<float>().ToArray(), found);
        }
    }
}
