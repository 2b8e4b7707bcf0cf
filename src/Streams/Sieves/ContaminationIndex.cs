using System.Buffers;
using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Streams.Sieves;

/// <summary>
/// Finds questions that are contaminated by evaluation sets, before anything is paid for them: those that share thirteen words in a row
/// with an item, or half of the runs of eight words that the shorter of the two has (the rules of lm-evaluation-harness and of Tülu 3's
/// open-instruct), and, of texts too short for that, those that are the same.
/// </summary>
/// <remarks>
/// <para>
/// A word is what <see cref="WordScanner"/> says, without list marks (<see cref="ListMarks"/>), so white space, case and numbering make
/// no difference. What many items of a set share, their instructions, lists of options, a task's fixed table, counts for nothing
/// (<see cref="MostItems"/>); the text of one passage, which few items share, counts.
/// </para>
/// <para>
/// Read once, then looked up by any number of threads. About 45 bytes a word of the sets; <see cref="MaxWords"/> bounds them.
/// </para>
/// </remarks>
public sealed class ContaminationIndex
{
    /// <summary>Words that all sets may have together: about 230 MB of index. BBH, AGIEval and GSM8K have 1.4 million, and 61 MB.</summary>
    public const int MaxWords = 4_000_000;

    /// <summary>A run of words that more items of a set than this have in common is a form, not their content.</summary>
    public const int MostItems = 8;

    /// <summary>Fewest words of a text that is found because it is the same.</summary>
    public const int LeastWords = 3;

    /// <summary>Fewest letters and digits of such a text.</summary>
    public const int LeastLetters = 8;

    /// <summary>Fewest words of an item that is found within a longer question although it is shorter than a run of eight.</summary>
    internal const int LeastContained = 5;

    /// <summary>Fewest letters and digits of such an item.</summary>
    internal const int LeastContainedLetters = 20;

    internal const int Run = 8;
    internal const int LongRun = 13;
    private const double LeastCoverage = 0.5;
    private const int LongestOnStack = 512;

    private readonly ContaminationTables tables;

    internal ContaminationIndex(ContaminationTables tables) => this.tables = tables;

    /// <summary>Names of the sets.</summary>
    public ImmutableArray<string> Sets => tables.Sets;

    /// <summary>Items of all sets.</summary>
    public int Items => tables.Items.Length;

    /// <summary>Bytes of its tables.</summary>
    public long Bytes => tables.Bytes;

    /// <summary>Reads sets; a folder gives its .json, .jsonl, .ndjson, .csv, .tsv and .txt files.</summary>
    /// <exception cref="TaskFormatException">A path is not there or holds no text, or the sets are too large.</exception>
    public static ContaminationIndex Read(params IEnumerable<EvaluationSet> sets) => ContaminationBuilder.Read(sets);

    /// <summary>Of items at hand; a match names the set and the item's number among them, from 1.</summary>
    /// <param name="set">Name of the set.</param>
    /// <param name="items">Each item's texts.</param>
    /// <exception cref="TaskFormatException">They hold no text, or too many words.</exception>
    public static ContaminationIndex Of(string set, IEnumerable<IReadOnlyList<string>> items) =>
        ContaminationBuilder.Of(new EvaluationSet(set, set), items);

    /// <summary>The item that a question is contaminated by; null where it is by none.</summary>
    public ContaminationMatch? Find(TaskQuery query) => Find(query.Prompt);

    /// <summary>The item that a text is contaminated by; null where it is by none.</summary>
    public ContaminationMatch? Find(string text)
    {
        var rented = text.Length > LongestOnStack ? ArrayPool<ulong>.Shared.Rent(text.Length) : null;
        var words = rented ?? stackalloc ulong[LongestOnStack];
        var count = WordScanner.ReadContent(text, words).Count;
        var match = Find(text, words[..count]);
        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }

        return match;
    }

    private ContaminationMatch? Find(string text, ReadOnlySpan<ulong> words)
    {
        if (words.Length < LeastWords)
        {
            return null;
        }

        if (FindSame(text, words) is { } same)
        {
            return tables.Match(same, ContaminationRule.SameText, 1);
        }

        return FindRuns(words) ?? FindContained(words);
    }

    private int? FindSame(string text, ReadOnlySpan<ulong> words)
    {
        var key = RollingRun.Of(words);
        if (!tables.Same.MayContain(key) || !tables.Same.TryGet(key, out var item))
        {
            return null;
        }

        // Items that differ in their signs alone.
        return item >= 0 || tables.Signed.TryGet(WordScanner.SignedKey(text), out item) ? item : null;
    }

    private ContaminationMatch? FindRuns(ReadOnlySpan<ulong> words)
    {
        var (shorts, longs) = (new RollingRun(Run), new RollingRun(LongRun));
        var (hits, forms, longItem) = (0u, 0, -1);
        List<int>? found = null;
        for (var index = 0; index < words.Length; index++)
        {
            shorts.Push(words, index);
            longs.Push(words, index);
            hits <<= 1;
            var run = shorts.Hash;
            if (index < Run - 1 || !tables.Shorts.MayContain(run) || !tables.Shorts.TryGet(run, out var place))
            {
                continue;
            }

            hits |= 1;
            forms += place < 0 ? 1 : 0;
            if (place >= 0)
            {
                (found ??= []).Add(place);
            }

            // A long run's first and last eight words are in the table too.
            if (longItem < 0 && index >= LongRun - 1 && (hits & 0x20) != 0 && tables.Longs.TryGet(longs.Hash, out var item) && item >= 0)
            {
                longItem = item;
            }
        }

        if (found is null && longItem < 0)
        {
            return null;
        }

        var (covered, coverage) = tables.Covered(found ?? [], words.Length - Run + 1 - forms, longItem);
        return longItem >= 0 ? tables.Match(longItem, ContaminationRule.ThirteenWords, coverage)
            : coverage >= LeastCoverage ? tables.Match(covered, ContaminationRule.Coverage, coverage)
            : null;
    }

    private ContaminationMatch? FindContained(ReadOnlySpan<ulong> words)
    {
        for (var length = LeastContained; length < Run && length <= words.Length; length++)
        {
            if (!tables.ContainedLengths[length])
            {
                continue;
            }

            var rolling = new RollingRun(length);
            for (var index = 0; index < words.Length; index++)
            {
                rolling.Push(words, index);
                var run = rolling.Hash ^ (ulong)length;
                if (index >= length - 1 && tables.Contained.MayContain(run) && tables.Contained.TryGet(run, out var item))
                {
                    return tables.Match(item, ContaminationRule.Contained, 0);
                }
            }
        }

        return null;
    }
}
