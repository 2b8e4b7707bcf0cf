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

    /// <summary>
    /// Text number <paramref name="number"/> between two others: of phrases that it draws, so that it is cheap and no other is like it.
    /// </summary>
    public string At(int number, string before, string after) => string.Create(
        before.Length + _bytes + after.Length, (this, number, before, after), static (text, of) =>
        {
            var (texts, number, before, after) = of;
            before.CopyTo(text);
            after.CopyTo(text[^after.Length..]);
            texts.Write(number, text[before.Length..^after.Length]);
        });

    private void Write(int number, Span<char> text)
    {
        var draw = ((ulong)number * 0x9E3779B97F4A7C15) + 1;
        while (!text.IsEmpty)
        {
            // Knuth's linear congruential generator (MMIX).
            draw = (draw * 6364136223846793005) + 1442695040888963407;
            var phrase = _phrases[(int)(draw >> 52)].AsSpan();
            phrase = phrase[..Math.Min(phrase.Length, text.Length)];
            phrase.CopyTo(text);
            text = text[phrase.Length..];
        }
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
