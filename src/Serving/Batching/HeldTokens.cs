namespace Orca.Serving.Batching;

/// <summary>
/// How many tokens' keys and values each block of a store holds, and which version computed the last of them. A block that
/// several sequences share is one block here. Belongs to the engine's thread.
/// </summary>
internal sealed class HeldTokens(int blocks, CacheLedger ledger)
{
    private readonly (long Version, int Tokens)[] held = new (long, int)[blocks];

    /// <summary>Tokens in a block.</summary>
    public int In(int block) => held[block].Tokens;

    /// <summary>A block holds so many tokens now, the last of them computed by a version.</summary>
    public void Set(int block, long version, int tokens)
    {
        ledger.Add(held[block].Version, -held[block].Tokens);
        ledger.Add(version, tokens);
        held[block] = (version, tokens);
    }

    /// <summary>A block holds a copy of another's first tokens now, or of its own: the others are gone.</summary>
    public void Copy(int from, int to, int tokens) => Set(to, held[from].Version, tokens);

    /// <summary>A block holds nothing now.</summary>
    public void Clear(int block) => Set(block, 0, 0);
}
