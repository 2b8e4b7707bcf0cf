using System.Runtime.InteropServices;
using Orca.Model.Inference;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Inference.Cpu.Panels;

public unsafe class PanelWeightsTests
{
    public static TheoryData<WeightEncoding, int, int, int> Products()
    {
        var data = new TheoryData<WeightEncoding, int, int, int>();
        foreach (var encoding in Enum.GetValues<WeightEncoding>().Where(encoding => encoding is not (WeightEncoding.Q4_1 or WeightEncoding.Q5_0 or WeightEncoding.Q5_1)))
        {
            if (encoding.BlockValues() == 256)
            {
                foreach (var rows in new[] { 1, 2, 4, 6, 7, 16, 33 })
                {
                    data.Add(encoding, rows, 512, 70);
                }

                data.Add(encoding, 70, 2_560, 33);
                continue;
            }

            foreach (var rows in new[] { 1, 2, 3, 4, 5, 8, 9, 12, 13, 19, 33, 40 })
            {
                data.Add(encoding, rows, 64, 70);
            }

            data.Add(encoding, 70, 1_536, 33);
            if (encoding.BlockBytes() <= sizeof(float))
            {
                data.Add(encoding, 19, 86, 33);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Product_is_that_of_the_stored_weights(WeightEncoding encoding, int rows, int inputs, int outputs)
    {
        var random = new Random(rows + inputs);
        var matrix = new RandomRows(random, encoding, outputs, inputs);
        // Whole numbers up to 127 in every group: nothing is rounded when they are quantised.
        var stride = PanelFormat.Int8.Padded(inputs);
        var values = Enumerable.Range(0, rows * stride)
            .Select(i => i % stride >= inputs ? 0f : i % 32 == 5 ? 127f : random.Next(-127, 128)).ToArray();
        using var pool = new WorkerPool(2);
        using var weights = PanelWeights.Pack(PanelFormats.For(WeightFormat.AsStored, matrix, "w"), [matrix], 2);
        using var packed = new PackedRows(rows, inputs);
        weights.Begin(packed, rows);
        using var products = new NativeBuffer((rows + 12L) * weights.OutputStride * sizeof(float));
        fixed (float* inputsOf = values.ToArray())
        {
            for (var part = 0; part < packed.View.Parts; part++)
            {
                packed.View.Pack(part, inputsOf + (part * packed.View.RowsOfPart * stride), stride);
            }
        }

        weights.Multiply(pool, packed, products.Floats, weights.OutputStride, adds: false);
        weights.Multiply(pool, packed, products.Floats, weights.OutputStride, adds: true);
        for (var output = 0; output < outputs; output++)
        {
            var weight = matrix.Values(output);
            for (var row = 0; row < rows; row++)
            {
                double wanted = 0, size = 0;
                for (var i = 0; i < inputs; i++)
                {
                    wanted += 2.0 * weight[i] * values[(row * stride) + i];
                    size += (Math.Abs(weight[i]) + matrix.Sizes) * Math.Abs(values[(row * stride) + i]);
                }

                Assert.Equal(wanted, products.Floats[(row * weights.OutputStride) + output], 1e-6 * size);
            }
        }
    }

    [Fact]
    public void Matrices_of_the_same_inputs_become_one()
    {
        var random = new Random(3);
        RandomRows[] parts = [new(random, WeightEncoding.F32, 7, 10), new(random, WeightEncoding.F32, 21, 10),
            new(random, WeightEncoding.F32, 40, 10)];
        using var pool = new WorkerPool(1);
        using var weights = PanelWeights.Pack(PanelFormat.Fp32, parts, 1);
        using var packed = new PackedRows(1, 10);
        weights.Begin(packed, 1);
        var values = new float[10];
        values[4] = 1;
        fixed (float* first = values)
        {
            packed.View.Pack(0, first, 10);
        }

        using var products = new NativeBuffer(weights.OutputStride * sizeof(float));
        weights.Multiply(pool, packed, products.Floats, weights.OutputStride, adds: false);
        var wanted = parts.SelectMany(part => Enumerable.Range(0, part.Rows).Select(row => part.Values(row)[4])).ToArray();
        Assert.Equal(wanted, new ReadOnlySpan<float>(products.Floats, 68).ToArray());
    }

    [Fact]
    public void Quantised_values_are_the_nearest_of_their_group()
    {
        var random = new Random(11);
        var values = Enumerable.Range(0, 64).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var scales = new ushort[2];
        var words = new uint[16];
        RowEncoder.Encode(PanelFormat.Int8, values, words, scales);
        var bytes = MemoryMarshal.AsBytes(words.AsSpan());
        for (var i = 0; i < 64; i++)
        {
            var scale = (float)BitConverter.UInt16BitsToHalf(scales[i / 32]);
            Assert.Equal(values[i], (bytes[i] - 128) * scale, 0.51 * scale);
        }
    }

    [Fact]
    public void Matrices_stored_in_different_formats_keep_their_own_bits()
    {
        var random = new Random(4);
        RandomRows[] parts =
        [
            new(random, WeightEncoding.Q4_0, 40, 256), new(random, WeightEncoding.Q8_0, 7, 256), new(random, WeightEncoding.Q4_K, 33, 256),
            new(random, WeightEncoding.Q6_K, 64, 256), new(random, WeightEncoding.Q6_K, 5, 256), new(random, WeightEncoding.F32, 3, 256),
        ];
        var names = parts.Select((part, index) => ($"m{index}", (IWeightRows)part)).ToArray();
        using var stacked = StackedWeights.Pack(WeightFormat.AsStored, names, 1);
        Assert.Equal([PanelFormat.Int4, PanelFormat.Int8, PanelFormat.Q4K, PanelFormat.Q6K, PanelFormat.Fp32], stacked.Formats);
        Assert.Equal([0, 40, 47, 80, 149], stacked.Parts.Select(part => part.FirstOutput));
        using var pool = new WorkerPool(2);
        using var packed = new PackedRows(1, 256);
        using var products = new NativeBuffer(stacked.OutputStride * sizeof(float));
        foreach (var part in stacked.Parts)
        {
            part.Weights.Begin(packed, 1);
            var values = new float[256];

            // One input says what the weights of its column are, to the bit.
            values[77] = 127;
            fixed (float* first = values)
            {
                packed.View.Pack(0, first, 256);
            }

            part.Weights.Multiply(pool, packed, products.Floats + part.FirstOutput, stacked.OutputStride, adds: false);
        }

        var wanted = parts.SelectMany(part => Enumerable.Range(0, part.Rows).Select(row => 127.0 * part.Values(row)[77])).ToArray();
        for (var output = 0; output < wanted.Length; output++)
        {
            Assert.Equal(wanted[output], products.Floats[output], 1e-3 + (1e-6 * Math.Abs(wanted[output])));
        }
    }

    [Fact]
    public void A_weight_that_cannot_be_kept_as_asked_leaves_nothing_behind()
    {
        var random = new Random(5);
        (string, IWeightRows)[] parts = [("good", new RandomRows(random, WeightEncoding.F32, 8, 48)),
            ("bad", new RandomRows(random, WeightEncoding.F32, 8, 40))];
        Assert.Contains(
            "'good' has 48 inputs", Assert.Throws<ModelFormatException>(() => StackedWeights.Pack(WeightFormat.Int4, parts, 1)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Random weights as a file would hold them.</summary>
    private sealed class RandomRows : IWeightRows
    {
        private readonly byte[] bytes;

        public RandomRows(Random random, WeightEncoding encoding, int rows, int columns)
        {
            (Encoding, Rows, Columns) = (encoding, rows, columns);
            bytes = new byte[encoding.BytesOf((long)rows * columns)];
            random.NextBytes(bytes);
            for (var at = 0; at < bytes.Length; at += encoding.BlockBytes())
            {
                var value = (float)(random.NextDouble() - 0.5);
                var start = bytes.AsSpan(at);
                switch (encoding)
                {
                    case WeightEncoding.F32:
                        MemoryMarshal.Write(start, value);
                        break;
                    case WeightEncoding.BF16:
                        MemoryMarshal.Write(start, BFloat16Bits.Round(value));
                        break;
                    case WeightEncoding.Q4_K or WeightEncoding.Q5_K:
                        MemoryMarshal.Write(start, (Half)value);
                        MemoryMarshal.Write(start[2..], (Half)(8 * value));
                        break;
                    case WeightEncoding.Q6_K:
                        MemoryMarshal.Write(start[208..], (Half)value);
                        break;
                    default:
                        MemoryMarshal.Write(start, (Half)value);
                        break;
                }
            }
        }

        public WeightEncoding Encoding { get; }

        /// <summary>How large products and minimums can be of which a weight is the difference.</summary>
        public double Sizes => Encoding is WeightEncoding.Q4_K or WeightEncoding.Q5_K ? 0.5 * 63 * 31 : 0;

        public int Rows { get; }

        public int Columns { get; }

        public ReadOnlySpan<byte> Row(int index)
        {
            var length = (int)Encoding.BytesOf(Columns);
            return bytes.AsSpan(index * length, length);
        }

        public float[] Values(int row)
        {
            var values = new float[Columns];
            ((IWeightRows)this).ReadFloats(row, values);
            return values;
        }
    }
}
