namespace Orca.Serving.Batching;

/// <summary>Blocks in the order they were added, any of which can be taken out. Allocates nothing after its construction.</summary>
internal sealed class BlockRing
{
    private const int Outside = -1;

    // One more than there are blocks: the last stands before the first and after the last.
    private readonly int[] next;
    private readonly int[] previous;
    private readonly int head;

    public BlockRing(int blocks)
    {
        head = blocks;
        (next, previous) = (new int[blocks + 1], new int[blocks + 1]);
        Array.Fill(next, Outside);
        (next[head], previous[head]) = (head, head);
    }

    /// <summary>Blocks in it.</summary>
    public int Count { get; private set; }

    /// <summary>The one added first. There is one.</summary>
    public int Oldest => next[head];

    public bool Contains(int block) => next[block] != Outside;

    /// <summary>Adds one as the youngest.</summary>
    public void Add(int block)
    {
        EngineInvariantException.Require(!Contains(block), $"block {block} is parked twice");
        var last = previous[head];
        (next[last], previous[block], next[block], previous[head]) = (block, last, head, block);
        Count++;
    }

    /// <summary>Takes one out.</summary>
    public void Remove(int block)
    {
        EngineInvariantException.Require(Contains(block), $"block {block} is not parked");
        (next[previous[block]], previous[next[block]]) = (next[block], previous[block]);
        next[block] = Outside;
        Count--;
    }

    /// <summary>Its blocks, oldest first.</summary>
    public List<int> ToList()
    {
        var blocks = new List<int>(Count);
        for (var block = next[head]; block != head; block = next[block])
        {
            blocks.Add(block);
        }

        return blocks;
    }
}
