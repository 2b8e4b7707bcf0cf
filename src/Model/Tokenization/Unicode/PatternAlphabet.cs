using System.Text;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>
/// Lets .NET's patterns, which see UTF-16 units, see whole characters: every character beyond U+FFFF is written as a stand-in of the
/// private use area, one for all characters that the same classes of the pattern admit.
/// </summary>
internal sealed class PatternAlphabet
{
    private const int FirstStandIn = 0xE000;
    private const int MostStandIns = 0x400;
    private const int FirstBeyond = 0x10000;
    private const int LastCode = 0x10FFFF;

    private readonly List<CharacterSet> sets;
    private readonly List<bool[]> membership = []; // by stand-in, of every set
    private readonly List<int> starts = [];
    private readonly List<char> standIns = [];

    /// <summary>Makes the alphabet of a pattern with these classes.</summary>
    /// <exception cref="FormatException">They tell too many kinds of characters apart.</exception>
    public PatternAlphabet(IEnumerable<CharacterClass> classes)
    {
        sets = [.. classes.Select(one => one.Set).Distinct()];
        var known = new Dictionary<string, char>(StringComparer.Ordinal);
        AddInterval(FirstStandIn, known);
        var cuts = new SortedSet<int> { FirstBeyond };
        foreach (var (first, last) in sets.SelectMany(set => set.Ranges).Where(range => range.Last >= FirstBeyond))
        {
            cuts.Add(Math.Max(first, FirstBeyond));
            cuts.Add(Math.Min(last, LastCode) + 1);
        }

        foreach (var cut in cuts.Where(cut => cut <= LastCode))
        {
            AddInterval(cut, known);
        }
    }

    /// <summary>A class as .NET reads it.</summary>
    public string Write(CharacterClass one)
    {
        var standsFor = membership.Select(members => members[sets.IndexOf(one.Set)]).ToList();
        var isNatural = one.Set.Contains(FirstStandIn)
            || one.Set.Ranges.Any(range => range.First is > FirstStandIn and < FirstStandIn + MostStandIns);
        if (!string.IsNullOrEmpty(one.Text) && isNatural == one.IsNegated)
        {
            var listed = string.Concat(standsFor.Index().Where(pair => pair.Item != one.IsNegated).Select(pair => CharacterClass.Escape(FirstStandIn + pair.Index)));
            return one.IsNegated ? $"[^{one.Text}{listed}]" : $"[{one.Text}{listed}]";
        }

        var text = new StringBuilder("[");
        foreach (var (first, last) in one.Set.Ranges.Where(range => range.First < FirstBeyond).SelectMany(WithoutStandIns))
        {
            text.Append(CharacterClass.Escape(first)).Append('-').Append(CharacterClass.Escape(last));
        }

        foreach (var (index, isMember) in standsFor.Index())
        {
            text.Append(isMember ? CharacterClass.Escape(FirstStandIn + index) : "");
        }

        return text.Length == 1 ? "(?!)" : text.Append(']').ToString();
    }

    /// <summary>The text with one unit for every character, and where each begins in the text; null where the text is so already.</summary>
    public (string Text, int[] Offsets)? Map(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', (char)(FirstStandIn + MostStandIns - 1)))
        {
            return null;
        }

        var mapped = new StringBuilder(text.Length);
        var offsets = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length;)
        {
            offsets.Add(i);
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
            mapped.Append(rune.Value is >= FirstBeyond or (>= FirstStandIn and < FirstStandIn + MostStandIns) ? StandInOf(rune.Value) : (char)rune.Value);
            i += length;
        }

        offsets.Add(text.Length);
        return (mapped.ToString(), [.. offsets]);
    }

    private char StandInOf(int code)
    {
        var index = starts.BinarySearch(code);
        return standIns[index >= 0 ? index : ~index - 1];
    }

    private void AddInterval(int first, Dictionary<string, char> known)
    {
        var members = sets.Select(set => set.Contains(first)).ToArray();
        var key = string.Concat(members.Select(isMember => isMember ? '1' : '0'));
        if (!known.TryGetValue(key, out var standIn))
        {
            standIn = known[key] = (char)(FirstStandIn + membership.Count);
            membership.Add(members);
            if (membership.Count > MostStandIns)
            {
                throw new FormatException("tells too many kinds of characters apart");
            }
        }

        starts.Add(first);
        standIns.Add(standIn);
    }

    private static IEnumerable<(int First, int Last)> WithoutStandIns((int First, int Last) range)
    {
        if (range.First < FirstStandIn)
        {
            yield return (range.First, Math.Min(range.Last, FirstStandIn - 1));
        }

        if (range.Last >= FirstStandIn + MostStandIns)
        {
            yield return (Math.Max(range.First, FirstStandIn + MostStandIns), Math.Min(range.Last, char.MaxValue));
        }
    }
}
