using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Sieves;

public sealed class RepeatedQuestionsTests : IDisposable
{
    private const string Question = "Nora keeps 14 hens in a wooden shed behind the mill. Every hen lays an egg on each of the 6 working "
        + "days, and on Sunday the hens rest. The miller buys half of all eggs at the end of the week, and Nora bakes cakes with what is left. "
        + "How many eggs does she bake with?";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_question_is_found_again_whatever_its_white_space_case_and_punctuation_in_any_task()
    {
        var seen = new RepeatedQuestions(100);
        var first = Asked(Question);

        Assert.Null(seen.Meet(first));
        Assert.Equal(RepeatedQuestions.KeyOf(first), seen.Meet(Asked(Question.ToUpperInvariant().Replace(' ', '\n')))?.Key);
        Assert.NotNull(seen.Meet(Asked(Question.Replace(".", " ;", StringComparison.Ordinal)) with { Task = "a", Collection = "b" }));
        Assert.Equal(1, seen.Count);
    }

    [Theory]
    [InlineData("Read this with care and answer in one word.", "")]
    [InlineData("Question:\n", "")]
    [InlineData("", "\nLet's think step by step.")]
    [InlineData("", " Answer with a number alone!")]
    public void An_instruction_that_was_added_or_left_out_makes_no_other_question(string before, string after)
    {
        var longer = Asked($"{before} {Question}{after}") with { Collection = "other" };
        var (seen, turned) = (new RepeatedQuestions(100), new RepeatedQuestions(100));
        seen.Meet(Asked(Question));
        turned.Meet(longer);

        Assert.NotNull(seen.Meet(longer));
        Assert.NotNull(turned.Meet(Asked(Question)));
    }

    [Theory]
    [InlineData("wooden", "small")]
    [InlineData("at the end of the week", "at the week's end")]
    [InlineData("Every hen lays", "Each hen lays")]
    public void A_small_edit_makes_no_other_question(string from, string to)
    {
        var seen = new RepeatedQuestions(100);
        seen.Meet(Asked(Question));

        Assert.NotNull(seen.Meet(Asked(Question.Replace(from, to, StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("14 hens", "15 hens")]
    [InlineData("she bake with", "the miller buy")]
    public void Another_number_or_another_end_makes_another_question(string from, string to)
    {
        var seen = new RepeatedQuestions(100);
        seen.Meet(Asked(Question));

        Assert.Null(seen.Meet(Asked(Question.Replace(from, to, StringComparison.Ordinal))));
    }

    [Fact]
    public void Another_task_about_the_same_text_is_another_question()
    {
        var seen = new RepeatedQuestions(100);
        seen.Meet(Asked($"Give the right answer to the question. {Question}"));

        Assert.Null(seen.Meet(Asked($"Give an answer to it that somebody may take for the right one. {Question}") with { Task = "wrong" }));
    }

    [Fact]
    public void Short_instances_of_a_long_definition_are_other_questions()
    {
        var seen = new RepeatedQuestions(100);
        string[] animals = ["otter", "badger", "heron", "lynx", "weasel", "beaver", "marten", "stork"];

        Assert.All(animals, animal => Assert.Null(seen.Meet(Asked(
            "In this task you are given the name of an animal and you name the place where it lives. Do not name a country, a region or a "
            + $"continent but a kind of place such as a river or a wood, and answer with one word.\n\n{animal}"))));
    }

    [Fact]
    public void Questions_in_signs_alone_are_told_apart_by_them()
    {
        var seen = new RepeatedQuestions(100);

        Assert.Null(seen.Meet(Asked("((3 + 4) * 2) =")));
        Assert.Null(seen.Meet(Asked("((3 - 4) * 2) =")));
        Assert.Null(seen.Meet(Asked("(3 + (4 * 2)) =")));
        Assert.NotNull(seen.Meet(Asked("( ( 3 + 4 ) * 2 ) =", "another answer")));
    }

    [Fact]
    public void A_question_that_is_met_again_repeats_nothing()
    {
        var seen = new RepeatedQuestions(100);
        var (first, second) = (Asked(Question), Asked(Question.ToUpperInvariant()));

        Assert.Null(seen.Meet(first));
        Assert.NotNull(seen.Meet(second));
        Assert.Null(seen.Meet(first));
        Assert.Null(seen.Find(first));
        Assert.NotNull(seen.Find(second));
    }

    [Fact]
    public void What_was_saved_is_restored_and_goes_on_as_if_nothing_had_been()
    {
        var tasks = new ReasoningTasks(3);
        var (straight, stopped) = (new RepeatedQuestions(500), new RepeatedQuestions(500));
        for (var index = 0; index < 1500; index++)
        {
            if (index == 700)
            {
                stopped.Save(folder["questions.index"]);
                stopped = RepeatedQuestions.Restore(folder["questions.index"], 500)!;
            }

            Assert.Equal(straight.Meet(tasks.At(index)), stopped.Meet(tasks.At(index)));
        }

        File.WriteAllBytes(folder["questions.index"], File.ReadAllBytes(folder["questions.index"])[..^9]);
        Assert.Null(RepeatedQuestions.Restore(folder["questions.index"], 500));
    }

    [Fact]
    public void Hostile_questions_harm_nobody()
    {
        var seen = new RepeatedQuestions(100);
        foreach (var piece in new[] { "", "a", "-", "- ", ". ", "1 - ", "\ud800", "\0", "\u200f", "不。", "x\n", "[" })
        {
            seen.Meet(Asked(string.Concat(Enumerable.Repeat(piece, 300_000))));
        }

        Assert.Null(seen.Meet(Asked(Question)));
    }

    private static TaskQuery Asked(string prompt, string answer = "42") => Questions.Of("cot", prompt, answer);
}
