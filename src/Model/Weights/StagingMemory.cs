namespace Orca.Model.Weights;

/// <summary>
/// Memory that weights pass through on their way. What is given back is kept for the next of about the same size: the system
/// would clear fresh pages first, at the speed of a copy or less, and a model has the same few sizes layer after layer.
/// </summary>
internal sealed class StagingMemory
{
    // Queries, keys and values of one layer, gate and up of it: no more weights than three are asked for together.
    private const int MostKept = 4;

    private readonly List<PrivateMemory> kept = [];

    /// <summary>Memory of at least so many bytes; what it holds is left over.</summary>
    public PrivateMemory Rent(long bytes)
    {
        var best = kept.Where(memory => memory.Bytes >= bytes).MinBy(memory => memory.Bytes);
        if (best is null)
        {
            return new PrivateMemory(Math.Max(bytes, 1));
        }

        kept.Remove(best);
        return best;
    }

    /// <summary>Takes memory back.</summary>
    public void Return(PrivateMemory memory)
    {
        kept.Add(memory);
        if (kept.Count > MostKept)
        {
            var smallest = kept.MinBy(candidate => candidate.Bytes)!;
            kept.Remove(smallest);
            smallest.Dispose();
        }
    }

    /// <summary>Frees what is kept.</summary>
    public void Trim()
    {
        kept.ForEach(memory => memory.Dispose());
        kept.Clear();
    }
}
