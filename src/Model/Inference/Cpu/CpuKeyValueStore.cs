using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Network;

namespace Orca.Model.Inference.Cpu;

// D head dimension, padded to whole panels where it is an output.

/// <summary>
/// Keys and values in blocks of 32 tokens, laid out as panels of weights: for the scores a key head's block is a matrix of
/// 32 outputs (tokens) and D inputs, for the attended values one of D outputs and 32 inputs. So attention is a product like
/// every other. Memory is taken as blocks are first used.
/// </summary>
internal sealed unsafe class CpuKeyValueStore : IKeyValueStore
{
    /// <summary>Tokens of a block: the outputs of a panel.</summary>
    public const int Tokens = PanelFormats.PanelOutputs;

    private readonly NativeBuffer memory;
    private readonly CacheLayout layout;

    /// <param name="config">The model whose keys and values are kept.</param>
    /// <param name="blocks">Blocks in all.</param>
    /// <param name="format">What they are kept in.</param>
    public CpuKeyValueStore(LlamaConfig config, int blocks, CacheFormat format)
    {
        Config = config;
        Format = format;
        layout = new CacheLayout(config, blocks, format);
        memory = new NativeBuffer(layout.BlockBytes * blocks * config.Layers);
        layout.Memory = memory.Data;
    }

    /// <summary>Shape of the models that can use it.</summary>
    public LlamaConfig Config { get; }

    /// <summary>What it keeps numbers in.</summary>
    public CacheFormat Format { get; }

    /// <inheritdoc/>
    public int Blocks => layout.Blocks;

    /// <inheritdoc/>
    public int BlockTokens => Tokens;

    /// <inheritdoc/>
    public long Bytes => memory.Bytes;

    /// <summary>Where everything lies.</summary>
    public CacheLayout Layout => layout;

    /// <inheritdoc/>
    public void Copy(int from, int to, int tokens)
    {
        // Tokens lie across the panels: what is beyond them is never looked at.
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            Buffer.MemoryCopy(layout.Head(layer, from, 0), layout.Head(layer, to, 0), layout.BlockBytes, layout.BlockBytes);
        }
    }

    /// <inheritdoc/>
    public void Clear(int block)
    {
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            new Span<byte>(layout.Head(layer, block, 0), checked((int)layout.BlockBytes)).Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();
}
