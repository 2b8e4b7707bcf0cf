using System.Collections.Immutable;
using System.Globalization;

namespace Orca.Streams.Sieves;

/// <summary>Gathers the runs and texts of evaluation sets, and finds out which of them many items share.</summary>
internal sealed class ContaminationBuilder
{
    private const int MostTextsTogether = 4;
    private const int LongestSame = 300;

    private readonly List<string> sets = [];
    private readonly List<(string Path, int Set)> files = [];
    private readonly List<(int File, int Row)> items = [];
    private readonly List<int> texts = [];
    private readonly List<ulong> shorts = [];
    private readonly List<int> textsOfShorts = [];
    private readonly List<ulong> longs = [];
    private readonly List<int> itemsOfLongs = [];
    private readonly List<(ulong Words, ulong Signed, int Item)> same = [];
    private readonly List<(ulong Words, int Item)> contained = [];
    private readonly bool[] containedLengths = new bool[ContaminationIndex.Run];
    private ulong[] words = new ulong[1024];
    private long wordCount;

    public static ContaminationIndex Read(IEnumerable<EvaluationSet> sets)
    {
        var builder = new ContaminationBuilder();
        foreach (var set in sets)
        {
            builder.Add(set);
        }

        return new ContaminationIndex(builder.Build());
    }

    public static ContaminationIndex Of(EvaluationSet set, IEnumerable<IReadOnlyList<string>> items)
    {
        var builder = new ContaminationBuilder();
        builder.Add(set, items.Select((texts, index) => new EvaluationItem(set.Path, index + 1, texts)));
        return new ContaminationIndex(builder.Build());
    }

    private void Add(EvaluationSet set) => Add(set, EvaluationItems.Read(set));

    private void Add(EvaluationSet set, IEnumerable<EvaluationItem> read)
    {
        var before = wordCount;
        foreach (var item in read)
        {
            if (files.Count == 0 || files[^1] != (item.File, sets.Count))
            {
                files.Add((item.File, sets.Count));
            }

            Add(item);
            if (wordCount > ContaminationIndex.MaxWords)
            {
                throw new TaskFormatException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The evaluation set '{set.Name}' ('{set.Path}') brings the sets over {ContaminationIndex.MaxWords:n0} words; name "
                        + $"fewer files."));
            }
        }

        if (wordCount == before)
        {
            throw new TaskFormatException(
                $"The evaluation set '{set.Name}' holds no text in '{set.Path}'; "
                + "give JSON, JSON Lines, CSV, TSV, Parquet or text files of its questions.");
        }

        sets.Add(set.Name);
    }

    private void Add(EvaluationItem item)
    {
        var number = items.Count;
        items.Add((files.Count - 1, item.Row));
        if (words.Length < item.Texts.Sum(text => text.Length))
        {
            words = new ulong[item.Texts.Sum(text => text.Length)];
        }

        var ends = new List<(int Words, int Letters)> { (0, 0) };
        foreach (var text in item.Texts)
        {
            var (count, letters) = WordScanner.ReadContent(text, words.AsSpan(ends[^1].Words));
            ends.Add((ends[^1].Words + count, ends[^1].Letters + letters));
        }

        wordCount += ends[^1].Words;
        AddRuns(number, ends);
        AddSame(number, item.Texts, ends);
    }

    // A run that lies in several texts belongs to the first text of the item, which stands for none.
    private void AddRuns(int item, List<(int Words, int Letters)> ends)
    {
        var first = texts.Count;
        texts.AddRange(Enumerable.Repeat(item, ends.Count));
        var all = words.AsSpan(0, ends[^1].Words);
        var text = 1;
        var (shortRun, longRun) = (new RollingRun(ContaminationIndex.Run), new RollingRun(ContaminationIndex.LongRun));
        for (var index = 0; index < all.Length; index++)
        {
            while (index >= ends[text].Words)
            {
                text++;
            }

            shortRun.Push(all, index);
            longRun.Push(all, index);
            if (index >= ContaminationIndex.Run - 1)
            {
                shorts.Add(shortRun.Hash);
                textsOfShorts.Add(first + (index - ContaminationIndex.Run + 1 >= ends[text - 1].Words ? text : 0));
            }

            if (index >= ContaminationIndex.LongRun - 1)
            {
                longs.Add(longRun.Hash);
                itemsOfLongs.Add(item);
            }
        }
    }

    private void AddSame(int item, IReadOnlyList<string> all, List<(int Words, int Letters)> ends)
    {
        for (var from = 0; from < all.Count; from++)
        {
            for (var to = from + 1; to <= Math.Min(all.Count, from + MostTextsTogether); to++)
            {
                var (count, letters) = (ends[to].Words - ends[from].Words, ends[to].Letters - ends[from].Letters);
                if (count is >= ContaminationIndex.LeastWords and <= LongestSame && letters >= ContaminationIndex.LeastLetters)
                {
                    same.Add((
                        RollingRun.Of(words.AsSpan(ends[from].Words, count)),
                        WordScanner.SignedKey(string.Join('\n', all.Skip(from).Take(to - from))),
                        item));
                }
            }
        }

        if (all.Count == 0)
        {
            return;
        }

        var longest = Enumerable.Range(0, all.Count).MaxBy(index => ends[index + 1].Words - ends[index].Words);
        var length = ends[longest + 1].Words - ends[longest].Words;
        if (length is >= ContaminationIndex.LeastContained and < ContaminationIndex.Run
            && ends[longest + 1].Letters - ends[longest].Letters >= ContaminationIndex.LeastContainedLetters)
        {
            contained.Add((RollingRun.Of(words.AsSpan(ends[longest].Words, length)) ^ (ulong)length, item));
            containedLengths[length] = true;
        }
    }

    private ContaminationTables Build()
    {
        var (shortTable, postings, runsOfItems, runsOfTexts) = BuildShorts();
        var (sameTable, signedTable) = BuildSame();
        return new ContaminationTables
        {
            Sets = [.. sets],
            Files = [.. files],
            Items = [.. items.Select((item, index) => new IndexedItem(item.File, item.Row, runsOfItems[index]))],
            Texts = [.. texts.Select((item, index) => new IndexedText(item, IsFirst(index) ? int.MaxValue : runsOfTexts[index]))],
            Shorts = shortTable,
            TextsOfRuns = postings,
            Longs = BuildLongs(),
            Same = sameTable,
            Signed = signedTable,
            Contained = TableOf(contained.GroupBy(text => text.Words).Where(group => !IsForm(group.Select(text => text.Item)))
                .ToDictionary(group => group.Key, group => group.First().Item)),
            ContainedLengths = [.. containedLengths],
        };
    }

    private bool IsFirst(int text) => text == 0 || texts[text - 1] != texts[text];

    private (GramTable Table, ImmutableArray<int> Postings, int[] RunsOfItems, int[] RunsOfTexts) BuildShorts()
    {
        var (keys, values) = Sorted(shorts, textsOfShorts);
        var table = new GramTable(CountOf(keys));
        var postings = ImmutableArray.CreateBuilder<int>();
        var (runsOfItems, runsOfTexts) = (new int[items.Count], new int[texts.Count]);
        for (var (start, end) = (0, 0); start < keys.Length; start = end)
        {
            end = EndOf(keys, start);
            var group = values.AsSpan(start, end - start);
            group.Sort();
            if (IsForm(group, ofTexts: true))
            {
                table.Add(keys[start], -1);
                continue;
            }

            table.Add(keys[start], postings.Count);
            var lastItem = -1;
            for (var index = 0; index < group.Length; index++)
            {
                if (index > 0 && group[index] == group[index - 1])
                {
                    continue;
                }

                postings.Add(group[index]);
                runsOfTexts[group[index]]++;
                var item = texts[group[index]];
                runsOfItems[item] += item == lastItem ? 0 : 1;
                lastItem = item;
            }

            postings[^1] = ~postings[^1];
        }

        return (table, postings.DrainToImmutable(), runsOfItems, runsOfTexts);
    }

    private GramTable BuildLongs()
    {
        var (keys, values) = Sorted(longs, itemsOfLongs);
        var table = new GramTable(CountOf(keys));
        for (var (start, end) = (0, 0); start < keys.Length; start = end)
        {
            end = EndOf(keys, start);
            var group = values.AsSpan(start, end - start);
            group.Sort();
            table.Add(keys[start], IsForm(group, ofTexts: false) ? -1 : group[0]);
        }

        return table;
    }

    private (GramTable Same, GramTable Signed) BuildSame()
    {
        var (byWords, bySigns) = (new Dictionary<ulong, int>(), new Dictionary<ulong, int>());
        foreach (var group in same.GroupBy(text => text.Words))
        {
            var isForm = IsForm(group.Select(text => text.Item));
            byWords[group.Key] = isForm ? -1 : group.First().Item;
            foreach (var signed in isForm ? group.GroupBy(text => text.Signed) : [])
            {
                if (!IsForm(signed.Select(text => text.Item)))
                {
                    bySigns[signed.Key] = signed.First().Item;
                }
            }
        }

        return (TableOf(byWords), TableOf(bySigns));
    }

    private bool IsForm(IEnumerable<int> owners) => IsForm(owners.Order().ToArray(), ofTexts: false);

    // Whether more items of one set have it than could by a passage that they share. The items are in order, so those of a set stand
    // together.
    private bool IsForm(ReadOnlySpan<int> owners, bool ofTexts)
    {
        var (set, lastItem, count) = (-1, -1, 0);
        foreach (var owner in owners)
        {
            var item = ofTexts ? texts[owner] : owner;
            if (item == lastItem)
            {
                continue;
            }

            lastItem = item;
            var itsSet = files[items[item].File].Set;
            count = itsSet == set ? count + 1 : 1;
            set = itsSet;
            if (count > ContaminationIndex.MostItems)
            {
                return true;
            }
        }

        return false;
    }

    private static (ulong[] Keys, int[] Values) Sorted(List<ulong> keys, List<int> values)
    {
        var (sortedKeys, sortedValues) = (keys.ToArray(), values.ToArray());
        keys.Clear();
        values.Clear();
        Array.Sort(sortedKeys, sortedValues);
        return (sortedKeys, sortedValues);
    }

    private static int EndOf(ReadOnlySpan<ulong> keys, int start)
    {
        var end = start + 1;
        while (end < keys.Length && keys[end] == keys[start])
        {
            end++;
        }

        return end;
    }

    private static int CountOf(ReadOnlySpan<ulong> sorted)
    {
        var count = 0;
        for (var start = 0; start < sorted.Length; start = EndOf(sorted, start))
        {
            count++;
        }

        return count;
    }

    private static GramTable TableOf(Dictionary<ulong, int> entries)
    {
        var table = new GramTable(entries.Count);
        foreach (var (key, value) in entries)
        {
            table.Add(key, value);
        }

        return table;
    }
}
