namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Adjectives in the order English puts them in: size, age, shape, colour, material.</summary>
/// <remarks>
/// Learnable because it sorts by buckets: the sorts of adjective are gone through in order, and each is looked up in the question.
/// </remarks>
internal sealed class AdjectiveOrder : ReasoningFamily
{
    public override string Name => "adjective_order";

    public override double ChanceAt(int difficulty) =>
        1.0 / Enumerable.Range(1, Count(difficulty)).Aggregate(1, (product, n) => product * n);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var sorts = random.Sample(Words.Adjectives, Count(difficulty));
        var bySort = sorts.ToDictionary(sort => sort.Sort, sort => random.Pick(sort.Members));
        var thing = random.Pick(Words.Objects);
        var scan = Words.Adjectives.Select(sort => $"{sort.Sort} {bySort.GetValueOrDefault(sort.Sort, "-")}");
        var ordered = Words.Adjectives.Where(sort => bySort.ContainsKey(sort.Sort)).Select(sort => bySort[sort.Sort]);
        return new Draft(
            $"Put in the usual order: {string.Join(' ', sorts.Select(sort => bySort[sort.Sort]))} {thing}",
            $"{string.Join(' ', scan)}.",
            $"{string.Join(' ', ordered)} {thing}");
    }

    private static int Count(int difficulty) => difficulty + 1;
}
