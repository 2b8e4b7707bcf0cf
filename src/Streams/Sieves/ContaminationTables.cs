using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>Where an item of a set stands, and how many runs of eight words of its own it has.</summary>
internal readonly record struct IndexedItem(int File, int Row, int Runs);

/// <summary>A text of an item, and how many runs of eight words of its own lie within it.</summary>
internal readonly record struct IndexedText(int Item, int Runs);

/// <summary>What evaluation sets consist of, as hashes. A number below zero stands for what many items of a set share.</summary>
internal sealed record ContaminationTables
{
    /// <summary>Names of the sets.</summary>
    public required ImmutableArray<string> Sets { get; init; }

    /// <summary>Files and the number of their set.</summary>
    public required ImmutableArray<(string Path, int Set)> Files { get; init; }

    public required ImmutableArray<IndexedItem> Items { get; init; }

    public required ImmutableArray<IndexedText> Texts { get; init; }

    /// <summary>Runs of eight words, and where their texts begin in <see cref="TextsOfRuns"/>.</summary>
    public required GramTable Shorts { get; init; }

    /// <summary>The texts of one run after those of another; the last of each is its complement.</summary>
    public required ImmutableArray<int> TextsOfRuns { get; init; }

    /// <summary>Runs of thirteen words, and an item that has each.</summary>
    public required GramTable Longs { get; init; }

    /// <summary>Whole texts, and an item that has each; below zero where <see cref="Signed"/> must tell.</summary>
    public required GramTable Same { get; init; }

    /// <summary>Texts with their signs.</summary>
    public required GramTable Signed { get; init; }

    /// <summary>Items that are shorter than a run of eight words.</summary>
    public required GramTable Contained { get; init; }

    /// <summary>Lengths of those, in words, that there are.</summary>
    public required ImmutableArray<bool> ContainedLengths { get; init; }

    /// <summary>Bytes of all of it.</summary>
    public long Bytes => Shorts.Bytes + Longs.Bytes + Same.Bytes + Signed.Bytes + Contained.Bytes + (TextsOfRuns.Length * 4L)
        + (Items.Length * 12L) + (Texts.Length * 8L);

    /// <summary>A match with an item.</summary>
    public ContaminationMatch Match(int item, ContaminationRule rule, double coverage)
    {
        var (file, row, _) = Items[item];
        return new ContaminationMatch(Sets[Files[file].Set], Files[file].Path, row, rule, coverage);
    }

    /// <summary>The item, or text of one, that shares the largest part of the shorter one's runs.</summary>
    /// <param name="places">Where the texts of each of the question's known runs begin.</param>
    /// <param name="runs">The question's own runs, known or not.</param>
    /// <param name="wanted">The item that is asked about; below zero for any.</param>
    public (int Item, double Coverage) Covered(List<int> places, int runs, int wanted)
    {
        var (ofText, ofItem) = (new Dictionary<int, int>(), new Dictionary<int, int>());
        foreach (var place in places.Distinct())
        {
            var last = -1;
            for (var index = place; ; index++)
            {
                var text = TextsOfRuns[index] >= 0 ? TextsOfRuns[index] : ~TextsOfRuns[index];
                var item = Texts[text].Item;
                CollectionsMarshal.GetValueRefOrAddDefault(ofText, text, out _)++;
                if (item != last)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(ofItem, item, out _)++;
                    last = item;
                }

                if (TextsOfRuns[index] < 0)
                {
                    break;
                }
            }
        }

        var best = (Item: -1, Coverage: 0.0);
        foreach (var (text, shared) in ofText)
        {
            Offer(Texts[text].Item, shared, Texts[text].Runs);
        }

        foreach (var (item, shared) in ofItem)
        {
            Offer(item, shared, Items[item].Runs);
        }

        return best;

        void Offer(int item, int shared, int itsRuns)
        {
            var coverage = Math.Min((double)shared / Math.Max(Math.Min(runs, itsRuns), 1), 1);
            if (coverage > best.Coverage && (wanted < 0 || item == wanted))
            {
                best = (item, coverage);
            }
        }
    }
}
