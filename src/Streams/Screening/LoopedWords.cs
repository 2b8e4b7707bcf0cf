namespace Orca.Streams.Screening;

/// <summary>Finds loops: the same words in the same order, again and again without anything between.</summary>
/// <remarks>
/// A word's distance to where the four words that end with it were last read is the period of a loop that may have begun; while each next
/// word equals the one a period before it, the loop goes on. So a text is read once. Words further apart than the window, and four-word
/// groups that share a slot with later ones, are not found again: memory stays bounded, and loops are short and many.
/// </remarks>
/// <param name="words">Window of the last words; its length is a power of two.</param>
/// <param name="places">Where groups were last read, all 0 at first; as long as <paramref name="words"/>.</param>
internal ref struct LoopedWords(Span<int> words, Span<int> places)
{
    private const int Group = 4;

    // Times that a loop says its words at least; fewer are emphasis.
    private const int Times = 3;

    // Words that a loop repeats at least: "la la la la" is a song.
    private const int ShortestLoop = 12;

    // Of numbers alone, on one line or over several: a matrix of zeros is no loop, a page of them is.
    private const int ShortestLoopOfNumbers = 24;
    private const int ShortestLoopOfCells = 120;

    private readonly Span<int> words = words;
    private readonly Span<int> places = places;
    private readonly int mask = words.Length - 1;

    private int read;
    private (int Last, int Third, int Second, int First) letters;

    // Of the loop that goes on, if any: its period, and what it has repeated so far.
    private int period;
    private int repeated;
    private long repeatedLetters;
    private bool hasWords;
    private bool hasCells;

    /// <summary>Letters that loops have repeated, up to the last one that has ended.</summary>
    public long Letters { get; private set; }

    /// <summary>Takes the next word.</summary>
    /// <param name="word">The same for the same word; even for a number.</param>
    /// <param name="length">Letters of it.</param>
    /// <param name="beginsCell">Whether a line or a cell of a table ended before it.</param>
    public void Add(int word, int length, bool beginsCell)
    {
        words[read & mask] = word;
        letters = (length, letters.Last, letters.Third, letters.Second);
        read++;
        if (period > 0 && word == words[(read - 1 - period) & mask])
        {
            repeated++;
            repeatedLetters += length;
            hasWords |= (word & 1) != 0;
            hasCells |= beginsCell;
        }
        else
        {
            End();
        }

        if (read >= Group)
        {
            ref var place = ref places[Slot()];
            if (period == 0 && place > 0)
            {
                Begin(read - place);
            }

            place = read;
        }
    }

    /// <summary>Ends the loop that goes on, if any.</summary>
    public void End()
    {
        var shortest = hasWords ? ShortestLoop : hasCells ? ShortestLoopOfCells : ShortestLoopOfNumbers;
        if (period > 0 && repeated >= Math.Max((Times - 1) * period, shortest))
        {
            Letters += repeatedLetters;
        }

        period = 0;
    }

    private readonly int Slot()
    {
        var hash = 0u;
        for (var back = 1; back <= Group; back++)
        {
            hash = (hash ^ (uint)words[(read - back) & mask]) * 0x9E3779B1u;
        }

        return (int)(hash >> 12) & mask;
    }

    private void Begin(int distance)
    {
        if (distance > mask - Group)
        {
            return;
        }

        var any = 0;
        for (var back = 1; back <= Group; back++)
        {
            var word = words[(read - back) & mask];
            if (word != words[(read - back - distance) & mask])
            {
                return;
            }

            any |= word;
        }

        (period, repeated, hasWords, hasCells) = (distance, Group, (any & 1) != 0, false);
        repeatedLetters = letters.Last + letters.Third + letters.Second + letters.First;
    }
}
