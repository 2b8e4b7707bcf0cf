using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu;

/// <summary>Memory that a step works in, grown to the largest step seen.</summary>
internal sealed unsafe class StepBuffers : IDisposable
{
    /// <summary>Rows of logits computed at once.</summary>
    public const int LogitRows = 32;

    /// <summary>Most rows that one thread packs at once.</summary>
    public const int PartRows = FloatTileCode.MaxRows;

    private readonly NativeBuffer logits = new(0);
    private readonly NativeBuffer rowScratch = new(0);
    private readonly NativeBuffer attentionScratch = new(0);
    private NativeBuffer hidden = new(0);
    private NativeBuffer wide = new(0);
    private NativeBuffer attended = new(0);
    private PackedRows? packed;
    private int capacity;

    /// <exception cref="OutOfMemoryException">There is not enough for what every step needs.</exception>
    public StepBuffers(CpuParameters parameters, int threads)
    {
        // Blocks may keep the same matrix in different formats, which pad differently.
        var blocks = parameters.Blocks;
        MaxInputs = blocks.Max(block => Math.Max(Math.Max(block.Down.Inputs, block.Projection.Inputs), block.Output.Inputs));
        HiddenStride = Apart(blocks.Max(block => Math.Max(block.Down.OutputStride, block.Output.OutputStride)));
        WideStride = Apart(blocks.Max(block => Math.Max(block.GateAndUp.OutputStride, block.Projection.OutputStride)));
        AttendedStride = Apart(blocks[0].Output.Inputs);
        RowScratchStride = ((MaxInputs + 31) / 32 * 32) + 32;
        try
        {
            rowScratch = new NativeBuffer(threads * PartRows * RowScratchStride * sizeof(float));
            attentionScratch = new NativeBuffer((long)threads * Attention.ScratchFloats(new CacheLayout(
                parameters.Config, 1, CacheFormat.Fp32)) * sizeof(float));
            logits = new NativeBuffer((long)LogitRows * parameters.Head.OutputStride * sizeof(float));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Inputs of the widest product.</summary>
    public int MaxInputs { get; }

    /// <summary>[tokens, <see cref="HiddenStride"/>].</summary>
    public float* Hidden => hidden.Floats;

    public long HiddenStride { get; }

    /// <summary>Queries, keys and values, or gates and ups: [tokens, <see cref="WideStride"/>].</summary>
    public float* Wide => wide.Floats;

    public long WideStride { get; }

    /// <summary>[tokens, <see cref="AttendedStride"/>].</summary>
    public float* Attended => attended.Floats;

    public long AttendedStride { get; }

    /// <summary>[<see cref="LogitRows"/>, the head's stride].</summary>
    public float* Logits => logits.Floats;

    /// <summary>The rows of a tile for each thread.</summary>
    public float* RowScratch => rowScratch.Floats;

    public long RowScratchStride { get; }

    public float* AttentionScratch => attentionScratch.Floats;

    public PackedRows Packed => packed!;

    /// <summary>Makes room for so many tokens.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough; smaller steps can go on.</exception>
    public void Reserve(int tokens)
    {
        if (tokens <= capacity)
        {
            return;
        }

        Free();
        var wanted = Math.Max(tokens, LogitRows);
        try
        {
            hidden = new NativeBuffer(wanted * HiddenStride * sizeof(float));
            wide = new NativeBuffer(wanted * WideStride * sizeof(float));
            attended = new NativeBuffer(wanted * AttendedStride * sizeof(float));
            packed = new PackedRows(wanted, MaxInputs);
            capacity = wanted;
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        logits.Dispose();
        rowScratch.Dispose();
        attentionScratch.Dispose();
    }

    /// <summary>
    /// A distance between rows that is no multiple of a page: else the same places of all rows compete for a few lines of the cache.
    /// </summary>
    private static long Apart(long values) => ((values + 15) / 16 | 1) * 16;

    private void Free()
    {
        capacity = 0;
        hidden.Dispose();
        wide.Dispose();
        attended.Dispose();
        packed?.Dispose();
        packed = null;
    }
}
