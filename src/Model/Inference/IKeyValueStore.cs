namespace Orca.Model.Inference;

/// <summary>
/// Keys and values in blocks of equal size. Who has which block is its user's business. Owned by the thread that runs the
/// models on it.
/// </summary>
public interface IKeyValueStore : IDisposable
{
    /// <summary>Blocks in all, numbered from 0.</summary>
    int Blocks { get; }

    /// <summary>Tokens of a block.</summary>
    int BlockTokens { get; }

    /// <summary>Bytes of all blocks.</summary>
    long Bytes { get; }

    /// <summary>Copies the first tokens of a block into another.</summary>
    void Copy(int from, int to, int tokens);

    /// <summary>
    /// Zeroes a block: for one whose keys and values may not be numbers, which would spoil others from where they are masked.
    /// </summary>
    void Clear(int block);
}
