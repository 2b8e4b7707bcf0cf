using System.Numerics;

namespace Orca.Serving.Batching;

/// <summary>
/// The blocks that hold nothing. The lowest is given first, so that those in use lie side by side: a model whose blocks are
/// whole sequences reads neighbours in place.
/// </summary>
internal sealed class FreeBlocks
{
    private const int Bits = 64;

    private readonly ulong[] words;
    private int lowestWord;

    /// <summary>All free.</summary>
    public FreeBlocks(int blocks)
    {
        words = new ulong[(blocks + Bits - 1) / Bits];
        for (var block = 0; block < blocks; block++)
        {
            Add(block);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a block is among them.</summary>
    public bool Contains(int block) => (words[block / Bits] & (1UL << (block % Bits))) != 0;

    /// <summary>Puts one back.</summary>
    public void Add(int block)
    {
        EngineInvariantException.Require(!Contains(block), $"block {block} is freed twice");
        words[block / Bits] |= 1UL << (block % Bits);
        lowestWord = Math.Min(lowestWord, block / Bits);
        Count++;
    }

    /// <summary>Takes the lowest. There is one.</summary>
    public int Take()
    {
        while (words[lowestWord] == 0)
        {
            lowestWord++;
        }

        var bit = BitOperations.TrailingZeroCount(words[lowestWord]);
        words[lowestWord] &= ~(1UL << bit);
        Count--;
        return (lowestWord * Bits) + bit;
    }
}
