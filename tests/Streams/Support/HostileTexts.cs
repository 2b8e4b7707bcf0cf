using Orca.Streams.Tasks;

namespace Orca.Streams.Tests.Support;

/// <summary>
/// Texts as an answer, a question or a gold answer may be at worst: without any sense, or answers that were broken. Each follows from
/// the seed and its number alone, so that one a test names is made again by <see cref="At"/>.
/// </summary>
/// <param name="seed">Another seed gives other texts.</param>
/// <param name="answers">Answers that a third of the texts are made of.</param>
internal sealed class HostileTexts(int seed, IReadOnlyList<string> answers)
{
    // Of a thousand texts so many are at most so long, in characters or a little more.
    private static readonly (int Texts, int Characters)[] Lengths =
        [(20, 0), (600, 100), (300, 1_000), (65, 10_000), (13, 40_000), (2, 100_000)];

    /// <summary>Texts of which some are made of the built-in tasks' own answers.</summary>
    public static HostileTexts OfBuiltInTasks(int seed)
    {
        var tasks = new ReasoningTasks(seed);
        return new HostileTexts(seed, [.. Enumerable.Range(0, 200).Select(index => tasks.At(index).Explanation!)]);
    }

    /// <summary>A text, by its number.</summary>
    public string At(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var length = LengthOf(random);
        return length == 0 ? ""
            : random.Next(3) == 0 ? HostileChanges.Of(random, Answer(random), Answer(random), length)
            : HostileForms.All[random.Next(HostileForms.All.Length)](random, length);
    }

    private string Answer(Random random) => answers[random.Next(answers.Count)];

    private static int LengthOf(Random random)
    {
        var drawn = random.Next(Lengths.Sum(of => of.Texts));
        var characters = Lengths.First(of => (drawn -= of.Texts) < 0).Characters;
        return characters == 0 ? 0 : random.Next(1, characters + 1);
    }
}
