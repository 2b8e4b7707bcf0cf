using System.Collections.Immutable;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula.Replay;

/// <summary>How far the fresh lessons of a stage have been taught again.</summary>
/// <remarks>
/// An epoch goes once, in random order, over a range of fresh lessons, counted as they were given, that is fixed when it begins: up to all
/// that were given by then, and from where the epochs of that many reuses ago ended. So nothing is taught again more often than allowed,
/// new lessons are mixed with old ones, and a handful of numbers says it all.
/// </remarks>
internal sealed record ReplayProgress
{
    // Traces lie in the store in about this order, and are read in pages: what is near in the order of an epoch is near there too.
    private const int Page = 64;
    private const int MixedPages = 16;

    // Not those that other things are drawn by.
    private const long Explained = 0x6578706C;

    // A limit may change at any time, and holds for what was taught before: by so many epochs.
    private const int KeptEnds = 1_000;

    /// <summary>What is logged with a lesson of the stage before, which is given again between those of practice.</summary>
    public static ReplayProgress OfStageBefore { get; } = new() { Epoch = -1 };

    /// <summary>Epochs begun; the order of each depends on its number.</summary>
    public int Epoch { get; init; }

    /// <summary>First fresh lesson of the epoch's range, from 0.</summary>
    public long Low { get; init; }

    /// <summary>End of the epoch's range.</summary>
    public long High { get; init; }

    /// <summary>Lessons of the range that have had their turn.</summary>
    public long Position { get; init; }

    /// <summary>Lessons that this epoch has given: an epoch that gives none is not followed by another over the same range.</summary>
    public long Lessons { get; init; }

    /// <summary>Ends of the last epochs, oldest first, that of the one under way among them.</summary>
    public ImmutableArray<long> Ends { get; init; } = [];

    /// <summary>Repeated lessons that are due: the ratio's share of each fresh one, less those that were given.</summary>
    public double Due { get; init; }

    /// <summary>The epoch under way, or the next one where it is over; null where nothing may be taught again.</summary>
    /// <param name="fresh">Fresh lessons of the stage that were given.</param>
    /// <param name="maxReuses">Times a lesson may be taught again; null for without end.</param>
    /// <param name="least">Lessons that an epoch must have to begin.</param>
    public ReplayProgress? Next(long fresh, int? maxReuses, long least)
    {
        if (maxReuses == 0)
        {
            return null;
        }

        // One that began under a higher limit is left where it is.
        if (Position < High - Low && LowOf(Ends.Length - 1, maxReuses) <= Low)
        {
            return this;
        }

        var low = LowOf(Ends.Length, maxReuses);
        if (fresh - low < least || (Epoch > 0 && Lessons == 0 && fresh == High))
        {
            return null;
        }

        return Begun(Epoch + 1, low, fresh);
    }

    /// <summary>A place of the stage before, between lessons of practice: page after page at random, as the store is read.</summary>
    /// <param name="places">Its places, 1 or more.</param>
    /// <param name="replayed">Lessons repeated so far.</param>
    /// <param name="seed">Another seed gives others.</param>
    public static long PlaceIn(long places, long replayed, long seed)
    {
        var page = SeededRandom.Of(seed, Explained, replayed / Page).Next((places + Page - 1) / Page);
        return ((page * Page) + (replayed % Page)) % places;
    }

    /// <summary>With one repeated lesson fewer due.</summary>
    public ReplayProgress Settled() => this with { Due = Math.Max(0, Due - 1) };

    /// <summary>The epoch as it was when a lesson was given by it, which may be a later one.</summary>
    public ReplayProgress At(LoggedLesson logged) =>
        (logged.Epoch == Epoch ? this : Begun(logged.Epoch, logged.Low, logged.High)) with { Position = logged.Position };

    // Where an epoch after so many may begin.
    private long LowOf(int epochs, int? maxReuses) => maxReuses is { } most && epochs >= most ? Ends[epochs - most] : 0;

    private ReplayProgress Begun(int epoch, long low, long high) => new()
    {
        Epoch = epoch,
        Low = low,
        High = high,
        Ends = [.. Ends.Add(high).TakeLast(KeptEnds)],
        Due = Due,
    };

    /// <summary>The lessons of the epoch's range in the epoch's order, counted from <see cref="Low"/>.</summary>
    public int[] Order(long seed, int stage)
    {
        var random = SeededRandom.Of(seed, stage, Epoch);
        var count = (int)(High - Low);
        var pages = Enumerable.Range(0, (count + Page - 1) / Page).ToArray();
        random.Shuffle(pages);
        var order = new List<int>(count);
        foreach (var group in pages.Chunk(MixedPages))
        {
            var mixed = group.SelectMany(page => Enumerable.Range(page * Page, Math.Min(Page, count - (page * Page)))).ToArray();
            random.Shuffle(mixed);
            order.AddRange(mixed);
        }

        return [.. order];
    }
}
