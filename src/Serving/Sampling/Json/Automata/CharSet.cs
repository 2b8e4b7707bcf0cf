using System.Collections.Immutable;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>A set of characters, each a Unicode code point: ranges in order, with gaps between them. Immutable.</summary>
internal sealed class CharSet
{
    private CharSet(ImmutableArray<(int First, int Last)> ranges) => Ranges = ranges;

    /// <summary>
    /// What a string of JSON can hold as one character or a backslash and a letter: all of Unicode but half surrogates and most control
    /// characters.
    /// </summary>
    public static CharSet OfStrings { get; } = Of(('\b', '\n'), ('\f', '\r'), (' ', 0xD7FF), (0xE000, 0x10FFFF));

    /// <summary>The ranges, each with both ends.</summary>
    public ImmutableArray<(int First, int Last)> Ranges { get; }

    /// <summary>The characters of ranges that may overlap, in any order.</summary>
    public static CharSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var (first, last) in ranges.Where(range => range.First <= range.Last).OrderBy(range => range.First))
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(last, merged[^1].Last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return new CharSet([.. merged]);
    }

    /// <summary>One character.</summary>
    public static CharSet Of(int character) => new([(character, character)]);

    /// <summary>The characters of either.</summary>
    public CharSet Or(CharSet other) => Of(Ranges.Concat(other.Ranges));

    /// <summary>The characters of both.</summary>
    public CharSet And(CharSet other) => Of(Ranges.SelectMany(
        mine => other.Ranges.Select(range => (Math.Max(mine.First, range.First), Math.Min(mine.Last, range.Last)))));

    /// <summary>All other characters that a string can hold.</summary>
    public CharSet Others()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            gaps.Add((next, first - 1));
            next = last + 1;
        }

        gaps.Add((next, 0x10FFFF));
        return Of(gaps).And(OfStrings);
    }
}
