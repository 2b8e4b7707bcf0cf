namespace Orca.Model.Tokenization;

/// <summary>
/// Remembers the ids of short words; text repeats its words, and merging them is the costly part. Of two words with the same
/// place the later one stays. Safe without locks: an entry is one immutable object.
/// </summary>
internal sealed class WordCache
{
    private const int Places = 1 << 15;
    private const int LongestWord = 24;

    private readonly Entry?[] entries = new Entry?[Places];

    /// <summary>Finds the ids of a word.</summary>
    public bool TryGet(ReadOnlySpan<char> word, out ReadOnlySpan<int> ids)
    {
        var entry = word.Length <= LongestWord ? entries[PlaceOf(word)] : null;
        var found = entry is not null && word.SequenceEqual(entry.Word);
        ids = found ? entry!.Ids : [];
        return found;
    }

    /// <summary>Remembers the ids of a word, unless it is long. The array must not change any more.</summary>
    public void Add(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length <= LongestWord)
        {
            entries[PlaceOf(word)] = new Entry(word.ToString(), ids);
        }
    }

    private static int PlaceOf(ReadOnlySpan<char> word) => string.GetHashCode(word) & (Places - 1);

    private sealed record Entry(string Word, int[] Ids);
}
