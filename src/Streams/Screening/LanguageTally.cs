using System.Numerics;

namespace Orca.Streams.Screening;

/// <summary>Letters of a text by script, and of those of the Latin script by language where it can be told.</summary>
/// <remarks>
/// Languages are told block by block of some words, so that what goes on in another one is found: a block is of the language that has most
/// function words in it, if they are several and English has hardly any. A block that says nothing counts for none.
/// </remarks>
internal sealed class LanguageTally
{
    private const int WordsOfBlock = 16;

    // Function words that tell a block's language, how many different ones, and that one of so many words is one of them at least.
    private const int Evidence = 3;
    private const int EvidenceOfShort = 2;
    private const int Different = 2;
    private const int LeastShare = 6;

    // Greek letters that are a word; fewer are mathematics.
    private const int GreekWord = 3;

    private readonly int[] scripts = new int[(int)Script.Other + 1];
    private readonly int[] languages = new int[LatinLanguages.Names.Length];
    private readonly int[] hits = new int[LatinLanguages.Names.Length];
    private readonly ulong[] kinds = new ulong[LatinLanguages.Names.Length];
    private int words;
    private int wordLetters;

    /// <summary>All letters.</summary>
    public int Letters { get; private set; }

    /// <summary>Letters of each script; of Greek, those of words.</summary>
    public ReadOnlySpan<int> Scripts => scripts;

    /// <summary>Letters of the blocks of each language that <see cref="LatinLanguages"/> knows; English is not counted.</summary>
    public ReadOnlySpan<int> Languages => languages;

    /// <summary>Counts a text.</summary>
    public static LanguageTally Of(ReadOnlySpan<char> text)
    {
        var tally = new LanguageTally();
        for (var at = 0; at < text.Length;)
        {
            var letter = text[at];
            if (IsPlain(letter) || (letter > '\u007F' && char.IsLetter(letter) && Screening.Scripts.Of(letter) == Script.Latin))
            {
                at = tally.AddWord(text, at);
            }
            else
            {
                at = letter > '\u007F' ? tally.AddLetters(text, at) : at + 1;
            }
        }

        tally.EndBlock();
        return tally;
    }

    private static bool IsPlain(char letter) => (uint)((letter | 0x20) - 'a') <= 'z' - 'a';

    private int AddWord(ReadOnlySpan<char> text, int from)
    {
        var key = 0UL;
        var at = from;
        for (; at < text.Length; at++)
        {
            var letter = text[at];
            if (IsPlain(letter))
            {
                key = (key << 8) | (uint)(letter | 0x20);
            }
            else if (letter > '\u007F' && char.IsLetter(letter) && Screening.Scripts.Of(letter) == Script.Latin)
            {
                key = LatinLanguages.Add(key, char.ToLowerInvariant(letter));
            }
            else
            {
                break;
            }
        }

        var length = at - from;
        scripts[(int)Script.Latin] += length;
        Letters += length;
        wordLetters += length;
        words++;

        // What is written large may be part of a name.
        if (length is > 1 and <= LatinLanguages.LongestWord && !char.IsUpper(text[from]))
        {
            for (var bits = LatinLanguages.Of(key); bits != 0; bits &= bits - 1)
            {
                var language = BitOperations.TrailingZeroCount(bits);
                hits[language]++;
                kinds[language] |= 1UL << (int)((key * 0x9E3779B97F4A7C15) >> 58);
            }
        }

        if (words == WordsOfBlock)
        {
            EndBlock();
        }

        return at;
    }

    // A run of one script's letters.
    private int AddLetters(ReadOnlySpan<char> text, int from)
    {
        if (char.IsHighSurrogate(text[from]))
        {
            Add(Screening.Scripts.OfPair(text[from]), 1);
            return from + 1;
        }

        if (!char.IsLetter(text[from]))
        {
            return from + 1;
        }

        var script = Screening.Scripts.Of(text[from]);
        var at = from + 1;
        while (at < text.Length && char.IsLetter(text[at]) && Screening.Scripts.Of(text[at]) == script)
        {
            at++;
        }

        if (script != Script.Greek || at - from >= GreekWord)
        {
            Add(script, at - from);
        }

        return at;
    }

    private void Add(Script script, int letters)
    {
        if (script != Script.None)
        {
            scripts[(int)script] += letters;
            Letters += letters;
        }
    }

    private void EndBlock()
    {
        var best = 1;
        for (var language = 2; language < hits.Length; language++)
        {
            best = hits[language] > hits[best] ? language : best;
        }

        var least = words < WordsOfBlock ? EvidenceOfShort : Evidence;
        if (hits[best] >= least && hits[best] * LeastShare >= words && hits[best] > 2 * hits[0]
            && BitOperations.PopCount(kinds[best]) >= Different)
        {
            languages[best] += wordLetters;
        }

        hits.AsSpan().Clear();
        kinds.AsSpan().Clear();
        (words, wordLetters) = (0, 0);
    }
}
