namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Words in alphabetical order.</summary>
/// <remarks>Learnable because it sorts by buckets: the letters are gone through in order, and each is looked up in the question.</remarks>
internal sealed class WordSorting : ReasoningFamily
{
    public override string Name => "word_sorting";

    public override double ChanceAt(int difficulty) =>
        1.0 / Enumerable.Range(1, Count(difficulty)).Aggregate(1, (product, n) => product * n);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var buckets = random.Sample(Words.Alphabet, Count(difficulty));
        var byLetter = buckets.ToDictionary(bucket => bucket.Letter, bucket => random.Pick(bucket.Members));
        var scan = Words.Alphabet.Select(bucket => $"{bucket.Letter} {byLetter.GetValueOrDefault(bucket.Letter, "-")}");
        var sorted = Words.Alphabet.Where(bucket => byLetter.ContainsKey(bucket.Letter)).Select(bucket => byLetter[bucket.Letter]);
        return new Draft(
            $"Sort the words: {string.Join(' ', buckets.Select(bucket => byLetter[bucket.Letter]))}",
            $"{string.Join(' ', scan)}.",
            string.Join(' ', sorted));
    }

    private static int Count(int difficulty) => difficulty + 2;
}
