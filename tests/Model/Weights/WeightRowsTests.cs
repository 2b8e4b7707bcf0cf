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

    [Fact]
    public void Six_bits_are_read_and_not_written()
    {
        Assert.False(RowWriter.Writes(WeightEncoding.Q6_K));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowWriter.Encode(WeightEncoding.Q6_K, new float[256], new byte[210]));
        Assert.All(Enum.GetValues<WeightEncoding>().Where(RowWriter.Writes), encoding => RowWriter.Encode(encoding, new float[32], new byte[encoding.BytesOf(32)]));
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
            WeightEncoding.Q6_K => PlainQ6(block, within),
            _ => half * ((within < 16 ? block[2 + within] & 15 : block[2 + within - 16] >> 4) - 8),
        };
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
