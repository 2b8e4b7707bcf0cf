using System.Runtime.InteropServices;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Tests.Inference.Cpu.Kernels;

public unsafe class TileKernelTests
{
    private const int Outputs = PanelFormats.PanelOutputs;

    // Fewer than one round of the loop, whole rounds, rounds and a rest; none.
    private static readonly int[] UnitCounts = [0, 1, 3, 4, 8, 21];

    public static TheoryData<int> Formats => [.. Enum.GetValues<PanelFormat>().Select(format => (int)format)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Generated_code_gives_what_plain_code_gives_to_the_bit(int format)
    {
        var kernel = Kernel((PanelFormat)format, FormOf((PanelFormat)format));
        var plain = kernel.AsPortable();
        foreach (var (rows, units, share) in Sizes(kernel))
        {
            using var drill = new Drill((PanelFormat)format, kernel.Inputs, rows, units);
            Assert.Equal(drill.Run(plain, share), drill.Run(kernel, share));
        }
    }

    [Theory]
    [InlineData((int)InputForm.BFloat16Pairs)]
    [InlineData((int)InputForm.BFloat16Rows)]
    public void Pairs_of_bf16_give_their_products_sum(int inputs)
    {
        var kernel = Kernel(PanelFormat.Bf16, (InputForm)inputs);
        foreach (var (rows, units, share) in Sizes(kernel))
        {
            using var drill = new Drill(PanelFormat.Bf16, InputForm.BFloat16Pairs, rows, units);
            using var laid = drill.In(kernel.Inputs);
            var found = laid.Run(kernel, share);
            for (var i = 0; i < found.Length; i++)
            {
                var (exact, size) = drill.Exact(i / Outputs, i % Outputs);
                Assert.Equal(exact, found[i], 1e-6 * size);
            }
        }
    }

    [Theory]
    [InlineData((int)PanelFormat.Bf16, (int)InputForm.BFloat16Pairs)]
    [InlineData((int)PanelFormat.Bf16, (int)InputForm.BFloat16Rows)]
    [InlineData((int)PanelFormat.Bf16, (int)InputForm.Fp32)]
    [InlineData((int)PanelFormat.Int4, (int)InputForm.ByteGroups)]
    [InlineData((int)PanelFormat.Q4K, (int)InputForm.ByteSuperBlocks)]
    [InlineData((int)PanelFormat.Q5K, (int)InputForm.ByteSuperBlocks)]
    [InlineData((int)PanelFormat.Q6K, (int)InputForm.ByteSuperBlocks)]
    public void A_row_is_the_same_to_the_bit_in_a_tile_of_any_height(int format, int inputs)
    {
        var kernel = Kernel((PanelFormat)format, (InputForm)inputs);
        using var whole = new Drill((PanelFormat)format, kernel.Inputs, kernel.MaxRows, kernel.Inputs.Padded(21));
        var wanted = whole.Run(kernel, 0);
        for (var rows = 1; rows < kernel.MaxRows; rows++)
        {
            using var part = whole.Of(rows);
            Assert.Equal(wanted[..(rows * Outputs)], part.Run(kernel, 0));
        }
    }

    [Fact]
    public void Plain_code_cannot_take_pairs_of_bf16() =>
        Assert.False(new TileKernel(PanelFormat.Bf16, InputForm.BFloat16Pairs).AsPortable().IsUsable);

    private static InputForm FormOf(PanelFormat format) =>
        format.IsGroup() ? InputForm.ByteGroups : format.IsSuperBlock() ? InputForm.ByteSuperBlocks : InputForm.Fp32;

    private static TileKernel Kernel(PanelFormat format, InputForm inputs)
    {
        var isHere = inputs switch
        {
            InputForm.ByteGroups or InputForm.ByteSuperBlocks => Processor.HasByteDot,
            InputForm.BFloat16Pairs => Processor.HasBFloat16Dot,
            InputForm.BFloat16Rows => Processor.HasBFloat16Tiles,
            _ => Processor.RunsKernels,
        };
        Assert.SkipUnless(isHere, "this processor lacks the instructions that these kernels are made of");
        var kernel = new TileKernel(format, inputs);
        Assert.SkipUnless(kernel.IsGenerated, "this system allows no generated code");
        return kernel;
    }

    private static IEnumerable<(int Rows, int Units, int Share)> Sizes(TileKernel kernel) =>
        from rows in Enumerable.Range(1, kernel.MaxRows)
        from units in UnitCounts.Select(units => kernel.Inputs.Padded(units)).Distinct()
        from share in new[] { 0, 2, TileKernel.MaxShare }
        select (rows, units, share);

    /// <summary>Random weights, inputs and sums of one tile.</summary>
    private sealed class Drill : IDisposable
    {
        private readonly PanelFormat format;
        private readonly InputForm form;
        private readonly int rows;
        private readonly int units;
        private readonly NativeBuffer weights;
        private readonly NativeBuffer inputs;
        private readonly float[] sums;

        public Drill(PanelFormat format, InputForm form, int rows, int units)
        {
            (this.format, this.form, this.rows, this.units) = (format, form, rows, units);
            weights = new NativeBuffer(units * format.UnitBytes());
            inputs = new NativeBuffer(units * form.UnitWords() * rows * sizeof(uint));
            var random = new Random(rows + (100 * units));
            random.NextBytes(new Span<byte>(weights.Data, (int)weights.Bytes));
            FillWeights(random);
            FillInputs(random);
            sums = [.. Enumerable.Range(0, rows * Outputs).Select(_ => (float)random.NextDouble())];
        }

        private Drill(Drill whole, int rows, InputForm form)
        {
            (format, this.form, this.rows, units) = (whole.format, form, rows, whole.units);
            weights = new NativeBuffer(whole.weights.Bytes);
            Buffer.MemoryCopy(whole.weights.Data, weights.Data, weights.Bytes, weights.Bytes);
            inputs = new NativeBuffer(units * form.UnitWords() * rows * sizeof(uint));
            for (var word = 0; word < units * form.UnitWords(); word++)
            {
                for (var row = 0; row < rows; row++)
                {
                    ((uint*)inputs.Data)[Place(word, row)] = ((uint*)whole.inputs.Data)[whole.Place(word, row)];
                }
            }

            sums = whole.sums[..(rows * Outputs)];
        }

        /// <summary>The same of its first rows.</summary>
        public Drill Of(int rows) => new(this, rows, form);

        /// <summary>The same, with its inputs laid out in another way.</summary>
        public Drill In(InputForm form) => new(this, rows, form);

        public float[] Run(TileKernel kernel, int share)
        {
            using var outputs = new NativeBuffer((rows + 1) * 48 * sizeof(float));
            for (var row = 0; row < rows; row++)
            {
                sums.AsSpan(row * Outputs, Outputs).CopyTo(new Span<float>(outputs.Floats + (48 * row), Outputs));
            }

            kernel.Run(rows, share, new Tile
            {
                Weights = weights.Data,
                Rows = inputs.Data,
                Units = units,
                Outputs = outputs.Floats,
                OutputBytes = 48 * sizeof(float),
                Ahead = weights.Data,
            });
            var found = new Span<float>(outputs.Floats, (rows + 1) * 48).ToArray();
            Assert.All(Enumerable.Range(0, found.Length).Where(i => i % 48 >= Outputs || i >= rows * 48), i => Assert.Equal(0, found[i]));
            return [.. Enumerable.Range(0, rows).SelectMany(row => found[(48 * row)..((48 * row) + Outputs)])];
        }

        /// <summary>The sum in double, and that of the sizes of what is summed, for pairs of bf16.</summary>
        public (double Sum, double Size) Exact(int row, int output)
        {
            double sum = sums[(row * Outputs) + output], size = Math.Abs(sum);
            for (var unit = 0; unit < units; unit++)
            {
                var weight = ((uint*)weights.Data)[(unit * Outputs) + output];
                var input = ((uint*)inputs.Data)[(unit * rows) + row];
                foreach (var shift in new[] { 16, 0 })
                {
                    var product = Half(weight << shift) * Half(input << shift);
                    (sum, size) = (sum + product, size + Math.Abs(product));
                }
            }

            return (sum, size);
        }

        public void Dispose()
        {
            weights.Dispose();
            inputs.Dispose();
        }

        private int Place(int word, int row)
        {
            var together = form.UnitsTogether();
            return (((word / together * rows) + row) * together) + (word % together);
        }

        private static double Half(uint word) => BitConverter.UInt32BitsToSingle(word & 0xFFFF_0000);

        /// <summary>Numbers of ordinary size where any bits would also make infinities and NaN.</summary>
        private void FillWeights(Random random)
        {
            var bytes = new Span<byte>(weights.Data, (int)weights.Bytes);
            switch (format)
            {
                case PanelFormat.Fp32:
                    FillFloats(random, MemoryMarshal.Cast<byte, float>(bytes));
                    break;
                case PanelFormat.Bf16:
                    FillPairs(random, MemoryMarshal.Cast<byte, ushort>(bytes));
                    break;
                case PanelFormat.Fp16:
                    FillHalves(random, MemoryMarshal.Cast<byte, Half>(bytes));
                    break;
                case PanelFormat.Int8 or PanelFormat.Int4:
                    for (var unit = 1; unit <= units; unit++)
                    {
                        FillHalves(
                            random,
                            MemoryMarshal.Cast<byte, Half>(bytes.Slice(
                                (unit * format.UnitBytes()) - PanelFormats.ScaleBytes, PanelFormats.ScaleBytes)));
                    }

                    break;
                case PanelFormat.Q4K or PanelFormat.Q5K or PanelFormat.Q6K:
                    for (var unit = 0; unit < units; unit++)
                    {
                        FillHalves(
                            random,
                            MemoryMarshal.Cast<byte, Half>(bytes.Slice(unit * format.UnitBytes(), SuperBlockPanel.HeaderBytes(format))));
                    }

                    break;
                default:
                    break;
            }
        }

        private void FillInputs(Random random)
        {
            var words = new Span<uint>(inputs.Data, (int)inputs.Bytes / sizeof(uint));
            switch (form)
            {
                case InputForm.Fp32:
                    FillFloats(random, MemoryMarshal.Cast<uint, float>(words));
                    break;
                case InputForm.BFloat16Pairs or InputForm.BFloat16Rows:
                    FillPairs(random, MemoryMarshal.Cast<uint, ushort>(words));
                    break;
                case InputForm.ByteSuperBlocks:
                    for (var i = 0; i < words.Length; i++)
                    {
                        words[i] = (i / rows % SuperBlockPanel.InputWords) switch
                        {
                            SuperBlockPanel.InputScaleWord or SuperBlockPanel.InputSumWord =>
                                BitConverter.SingleToUInt32Bits((float)(random.NextDouble() - 0.5)),
                            >= SuperBlockPanel.StartWord => (uint)random.Next(-100_000, 100_000),
                            _ => (uint)random.Next() & 0x7F7F_7F7F,
                        };
                    }

                    break;
                default:
                    for (var i = 0; i < words.Length; i++)
                    {
                        words[i] = (i / rows % form.UnitWords()) switch
                        {
                            9 => BitConverter.SingleToUInt32Bits((float)random.NextDouble()),
                            8 => (uint)random.Next(-100_000, 100_000),
                            _ => (uint)random.Next() & 0x7F7F_7F7F,
                        };
                    }

                    break;
            }
        }

        private static void FillFloats(Random random, Span<float> values)
        {
            foreach (ref var value in values)
            {
                value = (float)(random.NextDouble() - 0.5);
            }
        }

        private static void FillPairs(Random random, Span<ushort> values)
        {
            foreach (ref var value in values)
            {
                value = BFloat16Bits.Round((float)(random.NextDouble() - 0.5));
            }
        }

        // Some so small that they have no leading one.
        private static void FillHalves(Random random, Span<Half> values)
        {
            foreach (ref var value in values)
            {
                value = (Half)((random.NextDouble() - 0.5) * (random.Next(4) == 0 ? 1e-5 : 1));
            }
        }
    }
}
