using System.Text;

namespace Orca.Cli.Bench.Streams;

/// <summary>Texts of random words, the same in every run.</summary>
internal static class SyntheticText
{
    private const int Words = 2000;

    /// <summary>This many texts of about this many bytes each.</summary>
    public static string[] Of(int count, int bytes)
    {
        var random = new Random(1);
        var words = Enumerable.Range(0, Words).Select(_ => Word(random)).ToArray();
        return [.. Enumerable.Range(0, count).Select(_ => Text(random, words, bytes))];
    }

    private static string Text(Random random, string[] words, int bytes)
    {
        var text = new StringBuilder(bytes + 16);
        while (text.Length < bytes)
        {
            // Common words are common: a draw of a draw.
            text.Append(words[random.Next(random.Next(Words) + 1)]).Append(random.Next(12) == 0 ? ". " : " ");
        }

        return text.ToString(0, bytes);
    }

    private static string Word(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(2, 10)).Select(_ => (char)('a' + random.Next(26))));
}
