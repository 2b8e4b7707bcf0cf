namespace Orca.Model.Inference.Cpu;

/// <summary>
/// The product of packed rows with panels of weights; a part is some neighbouring pairs of panels. Inputs are taken in
/// blocks that stay in the cache for all pairs of a part; what a block adds to is kept in the outputs, so each output is
/// still one sum in the order of the inputs.
/// </summary>
internal unsafe struct Product : IParallelWork
{
    public uint* Words;
    public ushort* Scales;
    public long PanelWords;
    public int GroupScales;
    public int BlockInputs;
    public int Pairs;
    public int PairsOfPart;
    public PanelFormat Format;
    public PackedView Rows;
    public float* Outputs;
    public long Stride;
    public bool Adds;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        var first = part * PairsOfPart;
        var end = Math.Min(first + PairsOfPart, Pairs);
        for (var input = 0; input < Rows.Inputs; input += BlockInputs)
        {
            var count = Math.Min(BlockInputs, Rows.Inputs - input);
            for (var pair = first; pair < end; pair++)
            {
                for (var tile = 0; tile < Rows.Tiles; tile++)
                {
                    Add(pair, tile, input, count);
                }
            }
        }
    }

    private readonly void Add(int pair, int tile, int input, int count)
    {
        var height = Rows.HeightOf(tile);
        var outputs = Outputs + ((long)tile * Rows.TileRows * Stride) + (32 * pair);
        if (input == 0 && !Adds)
        {
            for (var row = 0; row < height; row++)
            {
                new Span<float>(outputs + (row * Stride), 32).Clear();
            }
        }

        switch (Format)
        {
            case PanelFormat.Fp32: AddFloats<Float32Panel>(pair, tile, height, input, count, outputs); break;
            case PanelFormat.Bf16: AddFloats<BFloat16Panel>(pair, tile, height, input, count, outputs); break;
            case PanelFormat.Fp16: AddFloats<Float16Panel>(pair, tile, height, input, count, outputs); break;
            case PanelFormat.Int8: AddIntegers<Int8Panel>(pair, tile, height, input, count, outputs); break;
            default: AddIntegers<Int4Panel>(pair, tile, height, input, count, outputs); break;
        }
    }

    private readonly void AddFloats<TPanel>(int pair, int tile, int height, int input, int count, float* outputs)
        where TPanel : struct, IFloatPanel
    {
        FloatTiles.Add<TPanel>(height, new FloatTile
        {
            Weights = (byte*)(Words + (2 * pair * PanelWords)) + ((long)input / 2 * TPanel.PairBytes),
            PanelBytes = PanelWords * sizeof(uint),
            Rows = Rows.Values + ((long)tile * Rows.TileRows * Rows.Inputs) + ((long)input * height),
            Pairs = count / 2,
            Outputs = outputs,
            OutputStride = Stride,
        });
    }

    private readonly void AddIntegers<TPanel>(int pair, int tile, int height, int input, int count, float* outputs)
        where TPanel : struct, IIntegerPanel
    {
        int group = input / PanelFormats.Group, groups = Rows.Inputs / PanelFormats.Group;
        var tileGroups = ((long)tile * Rows.TileRows * groups) + ((long)group * height);
        for (var half = 0; half < 2; half++)
        {
            var panel = (2 * pair) + half;
            IntegerTiles.Add<TPanel>(height, new IntegerTile
            {
                Weights = (byte*)(Words + (panel * PanelWords)) + ((long)group * TPanel.GroupBytes),
                Scales = Scales + ((long)panel * GroupScales) + (16 * group),
                Rows = (int*)Rows.Values + (tileGroups * 8),
                Starts = Rows.Starts + tileGroups,
                RowScales = Rows.Scales + tileGroups,
                Groups = count / PanelFormats.Group,
                Outputs = outputs + (16 * half),
                OutputStride = Stride,
            });
        }
    }
}
