using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Tests.Reasoning;

public sealed partial class ReasoningFamilyTests
{
    private static readonly ConcurrentDictionary<(string Name, int Difficulty), (int Commonest, int Distinct)> OfFourThousand = new();

    public static TheoryData<string> Names => [.. ReasoningFamilies.All.Select(family => family.Name)];

    private static IEnumerable<ReasoningInstance> Draw(string name, int difficulty, int count) =>
        Enumerable.Range(0, count).Select(i => ReasoningFamilies.Named(name).Generate(new CounterRandom(20 + difficulty, i), difficulty));

    private static IEnumerable<ReasoningInstance> DrawAll(string name, int perDifficulty) =>
        Enumerable.Range(1, ReasoningFamily.MaxDifficulty).SelectMany(difficulty => Draw(name, difficulty, perDifficulty));

    // How often the commonest answer comes, and how many questions differ, of four thousand.
    private static (int Commonest, int Distinct) Drawn(string name, int difficulty) => OfFourThousand.GetOrAdd((name, difficulty), key =>
    {
        var drawn = Draw(key.Name, key.Difficulty, 4000).ToList();
        return (drawn.CountBy(one => one.Gold).Max(answer => answer.Value), drawn.Select(one => one.Prompt).Distinct().Count());
    });

    [Fact]
    public void There_are_at_least_twelve_families_with_distinct_names()
    {
        Assert.True(ReasoningFamilies.All.Length >= 12);
        Assert.Distinct(ReasoningFamilies.All.Select(family => family.Name));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_gold_answer_is_what_an_independent_solver_finds(string name)
    {
        foreach (var instance in DrawAll(name, 300))
        {
            Assert.True(ReferenceSolver.Solve(name, instance.Prompt) == instance.Gold, $"{instance.Prompt} -> {instance.Gold}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_explanation_ends_in_the_gold_answer_and_that_is_found(string name)
    {
        foreach (var instance in DrawAll(name, 100))
        {
            Assert.EndsWith(
                $". So the answer is {instance.Gold}.", instance.Explanation.Replace(" ;", ".", StringComparison.Ordinal),
                StringComparison.Ordinal);
            Assert.Equal(instance.Gold, AnswerExtractor.Extract(instance.Explanation, instance.AnswerKind));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_same_random_state_gives_the_same_instance_and_another_gives_another(string name)
    {
        var family = ReasoningFamilies.Named(name);
        var first = family.Generate(new CounterRandom(1, 5), 4);
        Assert.Equal(first, family.Generate(new CounterRandom(1, 5), 4));
        Assert.NotEqual(first.Prompt, family.Generate(new CounterRandom(1, 6), 4).Prompt);
        Assert.NotEqual(first.Prompt, family.Generate(new CounterRandom(2, 5), 4).Prompt);
    }

    [Theory, MemberData(nameof(Names))]
    public void Harder_instances_take_longer_explanations(string name)
    {
        var lengths = Enumerable.Range(1, ReasoningFamily.MaxDifficulty)
            .Select(d => Draw(name, d, 300).Average(i => Pieces(i.Explanation))).ToArray();
        Assert.All(lengths.Zip(lengths.Skip(1)), pair => Assert.True(pair.Second > pair.First * 0.98)); // of 300 draws each
        Assert.True(lengths[^1] > lengths[0] * 1.05);
    }

    [Theory, MemberData(nameof(Names))]
    public void Always_giving_the_commonest_answer_is_worth_no_more_than_chance(string name)
    {
        var family = ReasoningFamilies.Named(name);
        for (var difficulty = 1; difficulty <= ReasoningFamily.MaxDifficulty; difficulty++)
        {
            Assert.InRange(Drawn(name, difficulty).Commonest / 4000.0, 0, family.ChanceAt(difficulty) + 0.04);
            Assert.InRange(family.ChanceAt(difficulty), 0, 0.5);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Instances_are_one_short_line_of_plain_ascii(string name)
    {
        var instances = DrawAll(name, 500).ToList();
        foreach (var instance in instances)
        {
            Assert.Matches("^[ -~]+$", instance.Prompt + instance.Explanation);
            Assert.DoesNotContain("  ", $"{instance.Prompt} {instance.Explanation}", StringComparison.Ordinal);
            Assert.True(Pieces(instance.Prompt) + Pieces(instance.Explanation) <= 200, instance.Explanation);
        }

        Assert.True(instances.Average(i => Pieces(i.Prompt) + Pieces(i.Explanation)) <= 110);
    }

    [Theory, MemberData(nameof(Names))]
    public void There_are_over_ten_thousand_instances_at_all_but_the_lowest_difficulty(string name)
    {
        // Of 4,000 draws from 12,000 equally likely ones some 3,400 differ.
        for (var difficulty = 2; difficulty <= ReasoningFamily.MaxDifficulty; difficulty++)
        {
            Assert.InRange(Drawn(name, difficulty).Distinct, 3350, 4000);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_question_of_numbered_steps_is_not_taken_for_multiple_choice(string name) =>
        Assert.DoesNotContain(DrawAll(name, 100), instance => OptionList.IsMultipleChoice(instance.Prompt));

    [Fact]
    public void Difficulties_outside_the_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ReasoningFamilies.All[0].Generate(new Random(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReasoningFamilies.All[0].Generate(new Random(1), 5));
    }

    [GeneratedRegex(@"[A-Za-z]+|\d|[^\sA-Za-z\d]")]
    private static partial Regex Piece();

    private static int Pieces(string text) => Piece().Count(text);
}
