using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>What computes the tiles of one kind of panel: generated code where this machine has what it needs, else plain C#.</summary>
internal readonly unsafe struct TileKernel
{
    /// <summary>Most that <see cref="Run"/> takes as a share.</summary>
    public const int MaxShare = 4;

    private readonly byte** generated;
    private readonly delegate*<int, in Tile, void> portable;

    /// <summary>Generates the kernels of a kind of panel, for every height and share.</summary>
    /// <param name="format">The kind of panel.</param>
    /// <param name="inputs">How rows lie.</param>
    /// <param name="apart">
    /// Whether a tile's products are summed by themselves before they are added to what the outputs hold: over thousands of inputs
    /// that is some times as exact. Of fp32, in generated code alone.
    /// </param>
    public TileKernel(PanelFormat format, InputForm inputs, bool apart = false)
    {
        (Panels, Inputs) = (format, inputs);
        (PanelUnitBytes, RowUnitWords, MaxRows) = (format.UnitBytes(), inputs.UnitWords(), inputs.MaxRows());
        generated = KernelTable.TryGenerate(format, inputs, MaxRows, apart);
        portable = !apart && inputs is InputForm.Fp32 or InputForm.ByteGroups or InputForm.ByteSuperBlocks ? Portable(format) : null;
    }

    private TileKernel(in TileKernel kernel)
    {
        this = kernel;
        generated = null;
    }

    /// <summary>Whether it can run here: some forms are computed by generated code only.</summary>
    public bool IsUsable => generated != null || portable != null;

    /// <summary>What kind of panel it takes.</summary>
    public PanelFormat Panels { get; }

    /// <summary>How it takes rows of inputs.</summary>
    public InputForm Inputs { get; }

    /// <summary>Bytes of a panel's unit.</summary>
    public int PanelUnitBytes { get; }

    /// <summary>Words of a unit of one row of inputs.</summary>
    public int RowUnitWords { get; }

    /// <summary>Height of its tallest tile.</summary>
    public int MaxRows { get; }

    /// <summary>Whether its code was generated.</summary>
    public bool IsGenerated => generated != null;

    /// <summary>Whether it can begin sums (<see cref="Tile.Begins"/>); the others add, to zeros where nothing came before.</summary>
    public bool CanBegin => IsGenerated && Inputs is (InputForm.Fp32 or InputForm.BFloat16Pairs);

    /// <summary>The same in plain C#, where there is such.</summary>
    public TileKernel AsPortable() => new(this);

    /// <summary>Adds a tile's products to its sums.</summary>
    /// <param name="rows">Height of the tile, 1 to <see cref="MaxRows"/>.</param>
    /// <param name="share">
    /// One line in 2 to the power of this, of as many as the tile reads, is asked for ahead: 0 to <see cref="MaxShare"/>.
    /// </param>
    /// <param name="tile">Where it lies.</param>
    public void Run(int rows, int share, in Tile tile)
    {
        if (generated == null)
        {
            portable(rows, tile);
            return;
        }

        // A tile takes microseconds, and its memory is none of the collector's: no need to tell the runtime about the call.
        fixed (Tile* place = &tile)
        {
            ((delegate* unmanaged[SuppressGCTransition]<Tile*, void>)generated[KernelTable.IndexOf(rows, share, MaxRows)])(place);
        }
    }

    private static delegate*<int, in Tile, void> Portable(PanelFormat format) => format switch
    {
        PanelFormat.Fp32 => &PortableFloatTiles.Add<Float32Panel>,
        PanelFormat.Bf16 => &PortableFloatTiles.Add<BFloat16Panel>,
        PanelFormat.Fp16 => &PortableFloatTiles.Add<Float16Panel>,
        PanelFormat.Bytes => &PortableFloatTiles.Add<SignedBytePanel>,
        PanelFormat.Int8 => &PortableIntegerTiles.Add<Int8Panel>,
        PanelFormat.Int4 => &PortableIntegerTiles.Add<Int4Panel>,
        PanelFormat.Q4K => &PortableSuperBlockTiles.Add<FourBitBlocks>,
        PanelFormat.Q5K => &PortableSuperBlockTiles.Add<FiveBitBlocks>,
        _ => &PortableSuperBlockTiles.Add<SixBitBlocks>,
    };
}
