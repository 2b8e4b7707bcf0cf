namespace Orca.Serving.Batching;

/// <summary>
/// The places of a cache: each is free or belongs to one sequence. The lowest free one is given first, so that those in
/// use lie side by side and a step reads them in place.
/// </summary>
internal sealed class SlotPool
{
    private readonly SortedSet<int> free;

    /// <summary>All free.</summary>
    public SlotPool(int slots)
    {
        Count = slots;
        free = [.. Enumerable.Range(0, slots)];
    }

    /// <summary>Slots in all.</summary>
    public int Count { get; }

    /// <summary>Slots that belong to nobody.</summary>
    public int Free => free.Count;

    /// <summary>Takes the lowest free slot; null where there is none.</summary>
    public int? TryTake()
    {
        if (free.Count == 0)
        {
            return null;
        }

        var slot = free.Min;
        free.Remove(slot);
        return slot;
    }

    /// <summary>Gives a taken slot back.</summary>
    /// <exception cref="EngineInvariantException">It is free already.</exception>
    public void Return(int slot) =>
        EngineInvariantException.Require(slot < Count && free.Add(slot), $"slot {slot} is returned but was not taken");
}
