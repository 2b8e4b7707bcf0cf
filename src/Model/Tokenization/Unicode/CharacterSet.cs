using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>A set of Unicode characters, as ranges in order that neither touch nor overlap. Immutable.</summary>
internal sealed class CharacterSet
{
    private const int Last = 0x10FFFF;

    private static readonly Lazy<CharacterSet[]> OfCategories = new(MakeCategories);
    private static readonly Lazy<ILookup<int, int>> OfFoldings = new(() => Enumerable.Range(0, 0x1E944)
        .Where(code => Fold(code) != code).ToLookup(Fold));

    private readonly (int First, int Last)[] ranges;

    /// <summary>A set of these ranges, in any order.</summary>
    public CharacterSet(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.Order())
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        this.ranges = [.. merged];
    }

    /// <summary>No character.</summary>
    public static CharacterSet Empty { get; } = new([]);

    /// <summary>The characters of a general category.</summary>
    public static CharacterSet Of(UnicodeCategory category) => OfCategories.Value[(int)category];

    /// <summary>The ranges, in order.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => ranges;

    /// <summary>Whether a character is in it.</summary>
    public bool Contains(int code)
    {
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (code < ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (code > ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Characters of either.</summary>
    public CharacterSet With(CharacterSet other) => new(ranges.Concat(other.ranges));

    /// <summary>Characters of both.</summary>
    public CharacterSet And(CharacterSet other) => Complement().With(other.Complement()).Complement();

    /// <summary>All other characters.</summary>
    public CharacterSet Complement()
    {
        var others = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in ranges)
        {
            if (first > next)
            {
                others.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            others.Add((next, Last));
        }

        return new CharacterSet(others);
    }

    /// <summary>The same, with every character that differs from one of it only in case.</summary>
    public CharacterSet IgnoringCase() => new(ranges.Concat(
        OfFoldings.Value.Where(folding => folding.Append(folding.Key).Any(Contains))
            .SelectMany(folding => folding.Append(folding.Key)).Select(code => (code, code))));

    private static int Fold(int code) => IsSurrogate(code) ? code : Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(code))).Value;

    private static bool IsSurrogate(int code) => code is >= 0xD800 and <= 0xDFFF;

    private static CharacterSet[] MakeCategories()
    {
        var ranges = new List<(int, int)>[30];
        for (var category = 0; category < ranges.Length; category++)
        {
            ranges[category] = [];
        }

        for (var first = 0; first <= Last;)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(first);
            var end = first + 1;
            while (end <= Last && CharUnicodeInfo.GetUnicodeCategory(end) == category)
            {
                end++;
            }

            ranges[(int)category].Add((first, end - 1));
            first = end;
        }

        return [.. ranges.Select(list => new CharacterSet(list))];
    }
}
