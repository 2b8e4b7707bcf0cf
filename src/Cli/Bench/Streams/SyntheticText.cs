using System.Text;

namespace Orca.Cli.Bench.Streams;

/// <summary>Texts of random words, each another one, the same in every run.</summary>
internal sealed class SyntheticText
{
    private const int Words = 2000;
    private const int Phrases = 4096;
    private const int PhraseBytes = 40;

    private readonly string[] _phrases;
    private readonly int _bytes;

    /// <summary>Texts of about this many bytes each.</summary>
    public SyntheticText(int bytes)
    {
        var random = new Random(1);
        var words = Enumerable.Range(0, Words).Select(_ => Word(random)).ToArray();
        _phrases = [.. Enumerable.Range(0, Phrases).Select(_ => Phrase(random, words))];
        _bytes = bytes;
    }

    /// <summary>Text number <paramref name="number"/>: of phrases that it draws, so that it is cheap and no other is like it.</summary>
    public string At(int number)
    {
        var text = new StringBuilder(_bytes + PhraseBytes);
        var draw = ((ulong)number * 0x9E3779B97F4A7C15) + 1;
        while (text.Length < _bytes)
        {
            // Knuth's linear congruential generator (MMIX).
            draw = (draw * 6364136223846793005) + 1442695040888963407;
            text.Append(_phrases[(int)(draw >> 52)]);
        }

        return text.ToString(0, _bytes);
    }

    private static string Phrase(Random random, string[] words)
    {
        var text = new StringBuilder(PhraseBytes + 16);
        while (text.Length < PhraseBytes)
        {
            // Common words are common: a draw of a draw.
            text.Append(words[random.Next(random.Next(Words) + 1)]).Append(random.Next(12) == 0 ? ". " : " ");
        }

        return text.ToString();
    }

    private static string Word(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(2, 10)).Select(_ => (char)('a' + random.Next(26))));
}
