namespace Orca.Serving.Sampling.Json;

/// <summary>Keeps what was used last, of so much weight. Not safe to use from several threads.</summary>
/// <typeparam name="TKey">Names a thing.</typeparam>
/// <typeparam name="TValue">The thing.</typeparam>
internal sealed class LeastRecentlyUsed<TKey, TValue>(IEqualityComparer<TKey> comparer)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value, long Weight)>> nodes = new(comparer);
    private readonly LinkedList<(TKey Key, TValue Value, long Weight)> order = [];

    /// <summary>Weight of all that is kept.</summary>
    public long Weight { get; private set; }

    /// <summary>How many things are kept.</summary>
    public int Count => nodes.Count;

    /// <summary>Finds a thing, which counts as a use.</summary>
    public bool TryUse(TKey key, out TValue? value)
    {
        var isKnown = nodes.TryGetValue(key, out var node);
        value = isKnown ? Use(node!) : default;
        return isKnown;
    }

    /// <summary>Finds a thing by another form of its key, which counts as a use.</summary>
    public bool TryUse<TOther>(TOther key, out TValue? value)
        where TOther : notnull, allows ref struct
    {
        var isKnown = nodes.GetAlternateLookup<TOther>().TryGetValue(key, out var node);
        value = isKnown ? Use(node!) : default;
        return isKnown;
    }

    /// <summary>Keeps a thing that is not kept yet; where it is, nothing happens.</summary>
    public void Add(TKey key, TValue value, long weight)
    {
        if (nodes.TryAdd(key, new LinkedListNode<(TKey, TValue, long)>((key, value, weight))))
        {
            order.AddFirst(nodes[key]);
            Weight += weight;
        }
    }

    /// <summary>The thing whose last use is longest ago.</summary>
    public TValue Oldest() => order.Last!.Value.Value;

    /// <summary>Lets go of the thing whose last use is longest ago.</summary>
    public void RemoveOldest()
    {
        var (key, _, weight) = order.Last!.Value;
        order.RemoveLast();
        nodes.Remove(key);
        Weight -= weight;
    }

    private TValue Use(LinkedListNode<(TKey Key, TValue Value, long Weight)> node)
    {
        order.Remove(node);
        order.AddFirst(node);
        return node.Value.Value;
    }
}
