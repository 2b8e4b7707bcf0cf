using System.Collections.Immutable;
using System.Globalization;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Makes the mistakes of a careless solver: an answer of the right form with the wrong content.</summary>
internal static class WrongAnswer
{
    private static readonly ImmutableArray<string[]> Opposites = [["yes", "no"], ["True", "False"], ["on", "off"]];

    /// <summary>An answer other than the right one, of its form; from the question's own words where it can be.</summary>
    public static string To(string prompt, string gold, Random random)
    {
        if (Opposites.FirstOrDefault(pair => pair.Contains(gold)) is { } opposites)
        {
            return opposites[0] == gold ? opposites[1] : opposites[0];
        }

        if (int.TryParse(gold, CultureInfo.InvariantCulture, out var number))
        {
            return $"{(number == 0 || random.Coin() ? number + 1 : number - 1)}";
        }

        return gold.Split(' ') is { Length: > 1 } parts ? Slip(parts, random) : AnotherWord(prompt, gold, random);
    }

    // "3 May" becomes "4 May", a list loses its last item.
    private static string Slip(string[] parts, Random random) =>
        int.TryParse(parts[0], CultureInfo.InvariantCulture, out _)
            ? $"{To("", parts[0], random)} {string.Join(' ', parts[1..])}"
            : string.Join(' ', parts[..^1]);

    private static string AnotherWord(string prompt, string gold, Random random)
    {
        ImmutableArray<ImmutableArray<string>> classes = [Words.Names, Words.Objects, Words.Colours];
        var similar = classes.FirstOrDefault(words => words.Contains(gold), ["unknown"]).Remove(gold);
        var seen = similar.Where(word => prompt.Contains(word, StringComparison.Ordinal)).ToArray();
        return random.Pick<string>(seen.Length > 0 ? seen : similar);
    }
}
