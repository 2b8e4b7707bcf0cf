namespace Orca.Streams.Screening;

/// <summary>Finds sentences and lines that keep coming back, whatever stands between them.</summary>
/// <param name="slots">
/// Sentences read and how often, all 0 at first; their number is a power of two. The later of two in one slot stays.
/// </param>
internal ref struct RepeatedSentences(Span<(int Sentence, int Times)> slots)
{
    // Words of a sentence at least: "return false;" and "Yes, it is." come back anywhere.
    private const int ShortestSentence = 5;

    // Times that a sentence comes at least; a refrain seldom does.
    private const int Times = 5;

    private readonly Span<(int Sentence, int Times)> slots = slots;

    // Whether the number that may begin it is behind.
    private bool begun;
    private uint sentence;
    private int words;
    private int length;

    /// <summary>Letters that were said again, up to the last sentence that has ended.</summary>
    public long Letters { get; private set; }

    /// <summary>Takes the next word of the sentence; a number that begins it is that of a list.</summary>
    public void Add(int word, int letters)
    {
        if (begun || (word & 1) != 0)
        {
            sentence = (sentence ^ (uint)word) * 0x9E3779B1u;
            sentence ^= sentence >> 15;
            words += word & 1;
            length += letters;
        }

        begun = true;
    }

    /// <summary>Ends the sentence.</summary>
    public void End()
    {
        if (words >= ShortestSentence)
        {
            ref var slot = ref slots[(int)(sentence >> 8) & (slots.Length - 1)];
            slot = (int)sentence == slot.Sentence ? (slot.Sentence, slot.Times + 1) : ((int)sentence, 1);
            Letters += slot.Times == Times ? (Times - 1) * length : slot.Times > Times ? length : 0;
        }

        (begun, sentence, words, length) = (false, 0, 0, 0);
    }
}
