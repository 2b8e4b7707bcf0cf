using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>
/// Products of <see cref="SuperBlockPanel"/> in plain C#, for processors without AVX-512's products of bytes and systems that
/// allow no generated code; to the bit what the generated kernels give. Four rows at a time, a quarter of a panel at a time.
/// </summary>
internal static unsafe class PortableSuperBlockTiles
{
    private const int Steps = 8;

    /// <summary>Adds a tile's products to its sums.</summary>
    public static void Add<TPanel>(int rows, in Tile tile)
        where TPanel : struct, ISuperBlocks
    {
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var row = 0;
            for (; row <= rows - 4; row += 4)
            {
                AddFour<TPanel>(rows, row, quarter, tile);
            }

            for (; row < rows; row++)
            {
                AddOne<TPanel>(rows, row, quarter, tile);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<TPanel>(int rows, int row, int quarter, in Tile tile)
        where TPanel : struct, ISuperBlocks
    {
        var words = (int*)tile.Rows + row;
        var outputs = (float*)((byte*)(tile.Outputs + (8 * quarter)) + (row * tile.OutputBytes));
        var stride = tile.OutputBytes / sizeof(float);
        var (sum0, sum1) = (Vector256.Load(outputs), Vector256.Load(outputs + stride));
        var (sum2, sum3) = (Vector256.Load(outputs + (2 * stride)), Vector256.Load(outputs + (3 * stride)));
        foreach (var part in new Parts<TPanel>(tile, rows))
        {
            var inputs = words + part.InputWord;
            var (part0, part1) = (Vector256.Create(part.Start(inputs)), Vector256.Create(part.Start(inputs + 1)));
            var (part2, part3) = (Vector256.Create(part.Start(inputs + 2)), Vector256.Create(part.Start(inputs + 3)));
            for (var step = part.FirstStep; step < part.EndStep; step++)
            {
                var of = SuperBlockVectors.Quants<TPanel>(part.Group, step, quarter);
                var four = inputs + (step * rows);
                part0 = IntegerVectors.AddProducts(part0, of, Vector256.Create(four[0]).AsSByte());
                part1 = IntegerVectors.AddProducts(part1, of, Vector256.Create(four[1]).AsSByte());
                part2 = IntegerVectors.AddProducts(part2, of, Vector256.Create(four[2]).AsSByte());
                part3 = IntegerVectors.AddProducts(part3, of, Vector256.Create(four[3]).AsSByte());
            }

            var scales = part.Scales(quarter);
            var inputScales = (float*)inputs + (SuperBlockPanel.InputScaleWord * rows);
            sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(part0), scales * Vector256.Create(inputScales[0]), sum0);
            sum1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(part1), scales * Vector256.Create(inputScales[1]), sum1);
            sum2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(part2), scales * Vector256.Create(inputScales[2]), sum2);
            sum3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(part3), scales * Vector256.Create(inputScales[3]), sum3);
            if (SuperBlockPanel.HasMinimums(TPanel.Format))
            {
                var minimums = part.Minimums(quarter);
                var inputSums = (float*)inputs + (SuperBlockPanel.InputSumWord * rows);
                sum0 = Vector256.FusedMultiplyAdd(minimums, Vector256.Create(-inputSums[0]), sum0);
                sum1 = Vector256.FusedMultiplyAdd(minimums, Vector256.Create(-inputSums[1]), sum1);
                sum2 = Vector256.FusedMultiplyAdd(minimums, Vector256.Create(-inputSums[2]), sum2);
                sum3 = Vector256.FusedMultiplyAdd(minimums, Vector256.Create(-inputSums[3]), sum3);
            }
        }

        Vector256.Store(sum0, outputs);
        Vector256.Store(sum1, outputs + stride);
        Vector256.Store(sum2, outputs + (2 * stride));
        Vector256.Store(sum3, outputs + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne<TPanel>(int rows, int row, int quarter, in Tile tile)
        where TPanel : struct, ISuperBlocks
    {
        var words = (int*)tile.Rows + row;
        var outputs = (float*)((byte*)(tile.Outputs + (8 * quarter)) + (row * tile.OutputBytes));
        var sum = Vector256.Load(outputs);
        foreach (var part in new Parts<TPanel>(tile, rows))
        {
            var inputs = words + part.InputWord;
            var products = Vector256.Create(part.Start(inputs));
            for (var step = part.FirstStep; step < part.EndStep; step++)
            {
                products = IntegerVectors.AddProducts(
                    products, SuperBlockVectors.Quants<TPanel>(part.Group, step, quarter), Vector256.Create(inputs[step * rows]).AsSByte());
            }

            var scales = part.Scales(quarter) * Vector256.Create(((float*)inputs)[SuperBlockPanel.InputScaleWord * rows]);
            sum = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products), scales, sum);
            if (SuperBlockPanel.HasMinimums(TPanel.Format))
            {
                sum = Vector256.FusedMultiplyAdd(
                    part.Minimums(quarter), Vector256.Create(-((float*)inputs)[SuperBlockPanel.InputSumWord * rows]), sum);
            }
        }

        Vector256.Store(sum, outputs);
    }

    /// <summary>Goes through what shares a scale, unit by unit, group by group.</summary>
    private struct Parts<TPanel>(in Tile tile, int rows)
        where TPanel : struct, ISuperBlocks
    {
        private readonly byte* weights = tile.Weights;
        private readonly long end = tile.Units * SuperBlocks.Groups * SuperBlockPanel.Sections(TPanel.Format);
        private long index = -1;

        public readonly Part<TPanel> Current
        {
            get
            {
                var (group, section) = Math.DivRem(index, SuperBlockPanel.Sections(TPanel.Format));
                var (unit, groupOfUnit) = Math.DivRem(group, SuperBlocks.Groups);
                var header = weights + (unit * TPanel.Format.UnitBytes());
                return new Part<TPanel>
                {
                    Header = header,
                    Group = header + SuperBlockPanel.HeaderBytes(TPanel.Format) + (groupOfUnit * SuperBlockPanel.GroupBytes(TPanel.Format)),
                    Section = (int)section,
                    InputWord = group * SuperBlockPanel.InputWords * rows,
                    Rows = rows,
                };
            }
        }

        public readonly Parts<TPanel> GetEnumerator() => this;

        public bool MoveNext() => ++index < end;
    }

    /// <summary>A group, or the half of it that has a scale of its own.</summary>
    private struct Part<TPanel>
        where TPanel : struct, ISuperBlocks
    {
        public byte* Header;
        public byte* Group;
        public int Section;
        public long InputWord;
        public int Rows;

        public readonly int FirstStep => Section * Steps / SuperBlockPanel.Sections(TPanel.Format);

        public readonly int EndStep => (Section + 1) * Steps / SuperBlockPanel.Sections(TPanel.Format);

        /// <summary>What the sum of products begins at.</summary>
        public readonly int Start(int* inputs) =>
            SuperBlockPanel.HasMinimums(TPanel.Format) ? 0 : inputs[(SuperBlockPanel.StartWord + Section) * Rows];

        public readonly Vector256<float> Scales(int quarter) => SuperBlockVectors.Scales(
            Header, GroupScales + (Section * PanelFormats.PanelOutputs), quarter, isSigned: !SuperBlockPanel.HasMinimums(TPanel.Format));

        public readonly Vector256<float> Minimums(int quarter) => SuperBlockVectors.Scales(
            Header + PanelFormats.ScaleBytes, GroupScales + PanelFormats.PanelOutputs, quarter, isSigned: false);

        private readonly byte* GroupScales => Group + SuperBlockPanel.GroupScalesPlace(TPanel.Format);
    }
}
