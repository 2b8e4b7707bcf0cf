using System.Collections.Immutable;

namespace Orca.Streams.Curricula.Replay;

/// <summary>How far the traces of a stage have been taught again.</summary>
/// <remarks>
/// An epoch goes once, in random order, over a range of places that is fixed when it begins: up to all that were taken by then, and
/// from where the epochs of that many reuses ago ended. So nothing is taught again more often than allowed, new traces are mixed with
/// old ones, and a handful of numbers says it all.
/// </remarks>
internal sealed record ReplayProgress
{
    /// <summary>Epochs begun; the order of each depends on its number.</summary>
    public int Epoch { get; init; }

    /// <summary>First place of the epoch's range.</summary>
    public long Low { get; init; }

    /// <summary>End of the epoch's range.</summary>
    public long High { get; init; }

    /// <summary>Places of the range that have had their turn.</summary>
    public long Position { get; init; }

    /// <summary>Lessons that this epoch has given: an epoch that gives none is not followed by another over the same range.</summary>
    public long Lessons { get; init; }

    /// <summary>Ends of the last epochs, oldest first, as many as there are reuses at most.</summary>
    public ImmutableArray<long> Ends { get; init; } = [];

    /// <summary>The epoch under way, or the next one where it is over; null where nothing may be taught again.</summary>
    /// <param name="taken">Traces of the stage that have been taken.</param>
    /// <param name="maxReuses">Times a trace may be taught again; null for without end.</param>
    /// <param name="least">Traces that an epoch must have to begin.</param>
    public ReplayProgress? Next(long taken, int? maxReuses, long least)
    {
        if (Position < High - Low)
        {
            return this;
        }

        var low = maxReuses is { } most && Ends.Length == most ? (most == 0 ? taken : Ends[0]) : 0;
        if (taken - low < least || (Epoch > 0 && Lessons == 0 && taken == High))
        {
            return null;
        }

        return new ReplayProgress
        {
            Epoch = Epoch + 1,
            Low = low,
            High = taken,
            Ends = maxReuses is { } kept ? [.. Ends.Add(taken).TakeLast(kept)] : [],
        };
    }

    /// <summary>The places of the epoch's range in the epoch's order, counted from <see cref="Low"/>.</summary>
    public int[] Order(long seed, int stage)
    {
        var order = new int[High - Low];
        for (var index = 0; index < order.Length; index++)
        {
            order[index] = index;
        }

        SeededRandom.Of(seed, stage, Epoch).Shuffle(order);
        return order;
    }
}
