namespace Orca.Model.Caching;

/// <summary>
/// One row of a step: its tokens are those at positions <paramref name="Start"/> .. <paramref name="Start"/> +
/// <paramref name="Count"/> - 1 of the sequence in <paramref name="Slot"/>, left-aligned and padded to the longest row.
/// </summary>
/// <param name="Slot">Where the sequence's keys and values lie.</param>
/// <param name="Start">Tokens of the sequence that are cached already.</param>
/// <param name="Count">New tokens, at least one.</param>
public readonly record struct CacheRow(int Slot, int Start, int Count)
{
    /// <summary>Tokens of the sequence after the step.</summary>
    public int End => Start + Count;
}
