using System.Buffers;
using System.Runtime.InteropServices;
using Orca.Streams.Tasks;

namespace Orca.Streams.Sieves;

/// <summary>
/// Finds, of all texts that were added, the one most similar to another: by their runs of five words, whatever their white space, case
/// and punctuation. Takes 114 bytes a text, all of them from the start, and about a microsecond a hundred characters, however many
/// texts there are.
/// </summary>
/// <remarks>
/// <para>
/// Candidates share a band (<see cref="TextSketch"/>) or all letters and digits; each is compared by its sketch, so what is found by
/// chance is found out. Texts of fewer than <see cref="LeastRuns"/> runs are like no other: "The answer is (B)." is nobody's copy.
/// </para>
/// <para>
/// Beyond its capacity the oldest texts leave. The same order of additions gives the same answers. Safe for any number of threads, one
/// at a time; what is computed of a text is computed outside the lock.
/// </para>
/// </remarks>
public sealed partial class NearDuplicates
{
    /// <summary>Texts that are kept where nothing else is said.</summary>
    public const int DefaultCapacity = 1_000_000;

    /// <summary>The most that may be kept.</summary>
    public const int MostCapacity = 100_000_000;

    /// <summary>Similarity above which two texts count as one where nothing else is said.</summary>
    public const double DefaultThreshold = 0.8;

    /// <summary>Words of a run.</summary>
    public const int Run = 5;

    /// <summary>Fewest runs of a text that can be like another: 24 words.</summary>
    public const int LeastRuns = 20;

    // Below it nothing is said: two texts that share nothing are told to be 0.04 alike, and more where they are short.
    private const double LeastSimilarity = 0.3;
    private const int LongestOnStack = 512;

    private readonly Lock door = new();
    private readonly WholeTable owns;
    private readonly WholeTable wholes;
    private readonly WholeTable? parts;
    private readonly WholeTable? otherParts;
    private readonly BandTable[] bands;
    private readonly ulong[] keys;
    private readonly ulong[] sketches;
    private readonly int capacity;
    private readonly int length;
    private readonly int rows;
    private long added;

    /// <summary>An index without any text.</summary>
    /// <param name="capacity">Texts that are kept; beyond it the oldest leave.</param>
    public NearDuplicates(int capacity = DefaultCapacity)
        : this(capacity, TextSketch.MostLength, TextSketch.MostBands, TextSketch.DefaultRows, findsParts: false)
    {
    }

    /// <summary>
    /// An index with sketches of so many words and so many bands of so many bins, which may also find texts that are a part of another.
    /// </summary>
    internal NearDuplicates(int capacity, int length, int bands, int rows, bool findsParts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MostCapacity);
        (this.capacity, this.length, this.rows) = (capacity, length, rows);
        owns = new WholeTable(capacity);
        wholes = new WholeTable(capacity);
        parts = findsParts ? new WholeTable(capacity) : null;
        otherParts = findsParts ? new WholeTable(capacity) : null;
        this.bands = [.. Enumerable.Range(0, bands).Select(_ => new BandTable(capacity))];
        keys = new ulong[capacity];
        sketches = new ulong[(long)capacity * length];
    }

    /// <summary>Texts that are kept.</summary>
    public int Count
    {
        get
        {
            lock (door)
            {
                return (int)Math.Min(added, capacity);
            }
        }
    }

    /// <summary>Bytes of its tables.</summary>
    public long Bytes => owns.Bytes + wholes.Bytes + (parts?.Bytes ?? 0) + (otherParts?.Bytes ?? 0) + bands.Sum(table => table.Bytes)
        + (keys.LongLength * sizeof(ulong)) + (sketches.LongLength * sizeof(ulong));

    /// <summary>Adds a text, unless its key is there.</summary>
    public void Add(ulong key, string text) => Measure(key, key, text, addsUpTo: double.PositiveInfinity);

    /// <summary>Adds texts in their order: an index that was lost is built again so.</summary>
    public void Add(IEnumerable<(ulong Key, string Text)> texts)
    {
        foreach (var (key, text) in texts)
        {
            Add(key, text);
        }
    }

    /// <summary>The most similar of the texts that came before one; null where none is more than 0.3 alike.</summary>
    /// <param name="key">The text's own key: what has the same is itself, and nothing that came after it counts.</param>
    /// <param name="text">The text.</param>
    public DuplicateMatch? Find(ulong key, string text) => Measure(key, key, text, addsUpTo: -1);

    /// <summary>
    /// As <see cref="Find"/>, and adds the text in the same step where it is no more similar to any than a limit.
    /// </summary>
    /// <param name="key">Whose text it is: texts of the same key are never compared.</param>
    /// <param name="own">Which text it is: where it is there, it is not added again, and nothing that came after it counts.</param>
    /// <param name="text">The text.</param>
    /// <param name="addsUpTo">Similarity above which it is not added, as another stands for it.</param>
    public DuplicateMatch? Measure(ulong key, ulong own, string text, double addsUpTo)
    {
        var rented = text.Length > LongestOnStack ? ArrayPool<ulong>.Shared.Rent(text.Length) : null;
        var words = rented ?? stackalloc ulong[LongestOnStack];
        var count = WordScanner.Read(text, words);
        DuplicateMatch? match = null;
        if (count - Run + 1 >= LeastRuns)
        {
            match = Measure(key, own, new TextPrint { Whole = QuestionText.KeyOf(text), Runs = RunsOf(words[..count], Run) }, addsUpTo);
        }

        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }

        return match;
    }

    /// <summary>As <see cref="Measure(ulong, ulong, string, double)"/>, of what a text is found by.</summary>
    internal DuplicateMatch? Measure(ulong key, ulong own, TextPrint print, double addsUpTo)
    {
        Span<ulong> sketch = stackalloc ulong[length];
        Span<uint> hashes = stackalloc uint[print.Runs.IsEmpty ? 0 : bands.Length];
        sketch.Clear();
        if (!print.Runs.IsEmpty)
        {
            TextSketch.Write(print.Runs, sketch, hashes, rows, print.Kind);
        }

        lock (door)
        {
            var age = AgeOfOwn(own);
            var match = SameAs(key, age, print) ?? Nearest(key, age, hashes, sketch);
            if (age is null && (match?.Similarity ?? 0) <= addsUpTo)
            {
                Put(key, own, print, hashes, sketch);
            }

            return match;
        }
    }

    /// <summary>Words turned into runs of so many, in their place; none where they are fewer.</summary>
    internal static Span<ulong> RunsOf(Span<ulong> words, int length)
    {
        if (words.Length < length)
        {
            return [];
        }

        for (var start = 0; start + length <= words.Length; start++)
        {
            words[start] = RollingRun.Of(words.Slice(start, length));
        }

        return words[..(words.Length - length + 1)];
    }

    /// <summary>Shows all that it holds, always in the same order, to be saved, or to be written over as it is restored.</summary>
    internal void Visit(SpanVisitor visit)
    {
        visit(MemoryMarshal.AsBytes(new Span<long>(ref added)));
        var count = (int)Math.Clamp(added, 0, capacity);
        visit(MemoryMarshal.AsBytes(keys.AsSpan(0, count)));
        visit(MemoryMarshal.AsBytes(sketches.AsSpan(0, count * length)));
        foreach (var table in new[] { owns, wholes, parts, otherParts })
        {
            table?.Visit(visit, count);
        }

        foreach (var band in bands)
        {
            visit(band.Raw);
        }
    }

    private long? AgeOfOwn(ulong own)
    {
        Span<int> found = stackalloc int[BandTable.Places];
        return owns.Find(Spread(own), found) > 0 ? AgeOf(found[0]) : null;
    }

    // A text that is the same, or a part of this one, or that this one is a part of.
    private DuplicateMatch? SameAs(ulong key, long? age, TextPrint print) => First(wholes, print.Whole, key, age)
        ?? First(wholes, print.Part, key, age) ?? First(wholes, print.OtherPart, key, age)
        ?? First(parts, print.Whole, key, age) ?? First(otherParts, print.Whole, key, age);

    private DuplicateMatch? First(WholeTable? table, ulong hash, ulong key, long? age)
    {
        Span<int> found = stackalloc int[BandTable.Places];
        foreach (var entry in found[..(table?.Find(hash, found) ?? 0)])
        {
            if (IsEarlier(entry, key, age))
            {
                return new DuplicateMatch(keys[entry], 1);
            }
        }

        return null;
    }

    private DuplicateMatch? Nearest(ulong key, long? age, ReadOnlySpan<uint> hashes, ReadOnlySpan<ulong> sketch)
    {
        DuplicateMatch? best = null;
        Span<int> found = stackalloc int[BandTable.Places];
        for (var band = 0; band < hashes.Length; band++)
        {
            foreach (var entry in found[..bands[band].Find(hashes[band], found)])
            {
                var similarity = IsEarlier(entry, key, age) ? TextSketch.Similarity(sketch, SketchOf(entry)) : 0;
                if (similarity > (best?.Similarity ?? LeastSimilarity))
                {
                    best = new DuplicateMatch(keys[entry], similarity);
                }
            }
        }

        return best;
    }

    private bool IsEarlier(int entry, ulong key, long? age) => keys[entry] != key && (age is null || AgeOf(entry) < age);

    private void Put(ulong key, ulong own, TextPrint print, ReadOnlySpan<uint> hashes, ReadOnlySpan<ulong> sketch)
    {
        var entry = (int)(added++ % capacity);
        keys[entry] = key;
        sketch.CopyTo(SketchOf(entry));
        owns.Add(Spread(own), entry);
        wholes.Add(print.Whole, entry);
        parts?.Add(print.Part, entry);
        otherParts?.Add(print.OtherPart, entry);
        for (var band = 0; band < hashes.Length; band++)
        {
            bands[band].Add(hashes[band], entry);
        }
    }

    // Keys may be small numbers, or differ in a few bits.
    private static ulong Spread(ulong key)
    {
        key = (key ^ (key >> 32)) * 0x9E37_79B9_7F4A_7C15;
        return (key ^ (key >> 29)) | 1;
    }

    private Span<ulong> SketchOf(int entry) => sketches.AsSpan(entry * length, length);

    // Which addition it was, from 0.
    private long AgeOf(int entry)
    {
        var round = added / capacity * capacity;
        return entry < added % capacity ? round + entry : round - capacity + entry;
    }
}
