using Orca.Streams.Screening;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

public sealed class RepetitionScreenTests
{
    private const string Begin = "To find the sum, add the tens first and the ones after that. ";

    [Theory]
    [InlineData("Then we add the numbers and get twelve. ", 10)]
    [InlineData("and then ", 40)]
    [InlineData("word ", 60)]
    [InlineData("a", 400)]
    [InlineData("3", 400)]
    [InlineData("ha", 200)]
    [InlineData("!", 800)]
    [InlineData("我们再加一次。", 12)]
    [InlineData("😀 ", 60)]
    [InlineData("1 ", 300)]
    [InlineData("18. ", 40)]
    [InlineData("= 4 * 5 ", 40)]
    public void A_loop_at_the_end_counts_all_but_its_first_turn(string turn, int times) =>
        Assert.InRange(Share(Begin + Repeated(turn, times)), 0.5, 1);

    [Fact]
    public void A_whole_answer_said_four_times_is_repetition_by_three_quarters() =>
        Assert.Equal(0.75, Share(Repeated(Begin + "There are twelve of them in all.\n\n", 4)), 3);

    [Fact]
    public void A_loop_may_be_longer_than_a_page_and_may_be_cut_in_the_middle()
    {
        var page = string.Join(' ', Enumerable.Range(0, 500).Select(number => $"word{number}"));

        Assert.InRange(Share(Repeated(page + "\n", 3) + page[..1000]), 0.6, 0.75);
    }

    [Fact]
    public void A_sentence_that_comes_after_every_other_is_repetition() => Assert.InRange(
        Share(string.Concat(Enumerable.Range(1, 12)
            .Select(number => $"Step {number} takes us to row {number * 7}. We carry the one to the left. "))),
        0.3, 0.7);

    [Fact]
    public void A_list_of_the_same_again_is_repetition() => Assert.InRange(
        Share(string.Concat(Enumerable.Range(1, 20).Select(number => $"{number}. Eat more fruit and drink more water.\n"))), 0.8, 1);

    [Theory]
    [InlineData("1/3 = 0.333333333333333333333333333333")]
    [InlineData("La la la la, la la la, sang the bird, and flew over the wide river.")]
    [InlineData("| a | b |\n|---|---|\n| yes | no |\n| yes | no |\n| no | no |\n| no | yes |")]
    [InlineData("[[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]")]
    [InlineData("==============================\n  *****  \n *******\n  *****  \n==============================")]
    [InlineData("Tom has 3 apples. Ann has 4 apples. Bob has 5 apples. Eve has 6 apples. Dan has 7 apples. Kim has 8 apples.")]
    [InlineData("if a == 1:\n    return 1\nif a == 2:\n    return 2\nif a == 3:\n    return 3\nif a == 4:\n    return 4\n")]
    [InlineData("case '+':\n  return a + b;\ncase '-':\n  return a - b;\ncase '*':\n  return a * b;\ncase '/':\n  return a / b;\n")]
    [InlineData("0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n")]
    [InlineData("apple apricot avocado banana blackberry blueberry cherry date fig grape")]
    [InlineData("1/2 * 1/2 * 1/2 * 1/2 * 1/2 = 1/32")]
    [InlineData("")]
    public void Tables_numbers_code_and_parallel_sentences_pass(string answer) => Assert.InRange(Share(answer), 0, 0.15);

    [Fact]
    public void A_poem_with_a_refrain_passes()
    {
        string[] verses =
            ["The wind is in the barley now", "The moon has left the lane", "A candle burns for those at sea", "The clock has struck again"];

        Assert.InRange(Share(string.Concat(verses.Select((verse, number) =>
            $"{verse},\nAnd number {number} is the night\nThat none of us would name aloud,\nFor all of it was light.\n"
                + "O sing the old song, sing it low.\n\n"))), 0, 0.15);
    }

    [Fact]
    public void The_finding_names_the_share() => Assert.Equal(
        "75 % of the answer is repetition.",
        new RepetitionScreen().Measure(Questions.Trace("q", Repeated("We add the tens and then we add the ones. ", 4))).Finding);

    private static double Share(string answer) => new RepetitionScreen().Measure(Questions.Trace("q", answer)).Value;

    private static string Repeated(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
