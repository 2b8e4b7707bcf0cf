using System.Text.RegularExpressions;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;

namespace Orca.Streams.Tests.Sieves;

/// <summary>What the indices of questions and answers find in the shared data.</summary>
public sealed partial class NearDuplicateFiguresTests
{
    [Fact]
    public void Of_natural_instructions_questions_fewer_than_one_in_five_hundred_is_taken_for_another() =>
        Flagged(RealQuestions.NaturalInstructions(), atMost: 1.0 / 500);

    [Fact]
    public void Of_flans_questions_fewer_than_one_in_a_thousand_is_taken_for_another() => Flagged(RealQuestions.Flan(), atMost: 1.0 / 1000);

    [Fact]
    public void Of_two_thousand_questions_of_each_built_in_family_those_alone_are_found_that_are_the_same()
    {
        var (seen, tasks, met) = (new RepeatedQuestions(40_000), new ReasoningTasks(1), new HashSet<string>());

        Assert.All(Enumerable.Range(0, 2000 * tasks.Families.Length).Select(index => tasks.At(index)), question =>
        {
            var isSame = !met.Add(Signed(question.Prompt));
            Assert.True(seen.Meet(question) is null || isSame, question.Prompt);
        });
    }

    [Fact]
    public void Copies_with_other_white_space_case_or_punctuation_or_an_instruction_are_found()
    {
        var (seen, questions) = (new RepeatedQuestions(60_000), Mixed([.. RealQuestions.NaturalInstructions(), .. RealQuestions.Flan()]));
        foreach (var question in questions)
        {
            seen.Meet(Query(question, question.Text));
        }

        var copied = questions.Where((question, index) => index % 7 == 0 && question.Text.Split(' ').Length > 10).ToList();
        foreach (var change in new Func<string, string>[]
        {
            text => Spaces().Replace(text.ToUpperInvariant(), "  "),
            text => Stops().Replace(text, "").Replace("?", " !", StringComparison.Ordinal).Replace('"', '\u201d'),
            text => $"Please think carefully before you answer. {text}",
            text => $"{text}\nLet's think step by step.",
        })
        {
            var missed = copied.Count(question => seen.Find(Query(question, change(question.Text), isCopy: true)) is null);
            Assert.InRange(missed, 0, copied.Count / 500);
        }
    }

    [Fact]
    public void Of_copies_of_forty_words_and_more_with_one_word_changed_two_thirds_are_found()
    {
        var (seen, questions, random) = (new RepeatedQuestions(60_000), Mixed(RealQuestions.Flan()), new Random(1));
        foreach (var question in questions)
        {
            seen.Meet(Query(question, question.Text));
        }

        var copied = questions.Where((question, index) => index % 7 == 0 && question.Text.Split(' ').Length >= 40).ToList();
        var missed = copied.Count(question => seen.Find(Query(question, Edited(question.Text, random), isCopy: true)) is null);

        TestContext.Current.TestOutputHelper?.WriteLine($"{missed} of {copied.Count} missed");
        Assert.InRange(missed, 0, copied.Count / 3);
    }

    // The exact similarity of every pair of answers that share a run.
    [Fact]
    public void Of_answers_that_are_four_fifths_the_same_19_in_20_are_found_and_few_others()
    {
        var answers = RealQuestions.Answers().Where(answer => Runs(answer.Text).Count >= NearDuplicates.LeastRuns).ToList();
        var sets = answers.Select(answer => Runs(answer.Text)).ToArray();
        var owners = new Dictionary<ulong, List<int>>();
        var texts = new NearDuplicates(answers.Count);
        var (similar, missed, wrong, farOff) = (0, 0, 0, 0);
        for (var index = 0; index < sets.Length; index++)
        {
            var exact = Earlier(index).DefaultIfEmpty().Max();
            var found = texts.Measure((ulong)index + 1, (ulong)index + 1, answers[index].Text, addsUpTo: 2);
            var isFound = found?.Similarity >= NearDuplicates.DefaultThreshold;
            similar += exact >= NearDuplicates.DefaultThreshold ? 1 : 0;
            missed += exact >= NearDuplicates.DefaultThreshold && !isFound ? 1 : 0;
            wrong += exact < NearDuplicates.DefaultThreshold && isFound ? 1 : 0;
            farOff += exact < NearDuplicates.DefaultThreshold - 0.1 && isFound ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{answers.Count} answers, {similar} similar, {missed} missed, {wrong} wrong, {farOff} far off");
        Assert.InRange(missed, 0, similar / 20);
        Assert.InRange(wrong, 0, answers.Count / 1000);
        Assert.Equal(0, farOff);

        IEnumerable<double> Earlier(int index)
        {
            var shared = new Dictionary<int, int>();
            foreach (var run in sets[index])
            {
                var those = owners.TryGetValue(run, out var list) ? list : owners[run] = [];
                foreach (var other in those.Count < 400 ? those : [])
                {
                    shared[other] = shared.GetValueOrDefault(other) + 1;
                }

                those.Add(index);
            }

            return shared.Select(pair => (double)pair.Value / (sets[index].Count + sets[pair.Key].Count - pair.Value));
        }
    }

    private static void Flagged(List<RealQuestion> questions, double atMost)
    {
        var (seen, met) = (new RepeatedQuestions(60_000), new HashSet<string>());
        var found = Mixed(questions).Count(
            question => seen.Meet(Query(question, question.Text)) is not null & met.Add(QuestionText.Of(question.Text)));

        TestContext.Current.TestOutputHelper?.WriteLine($"{found} of {questions.Count}");
        Assert.InRange(found, 0, questions.Count * atMost);
    }

    // One of each file in turn, as a sampler draws them.
    private static List<RealQuestion> Mixed(List<RealQuestion> questions) => [.. questions.OrderBy(question => question.Row)];

    private static TaskQuery Query(RealQuestion question, string text, bool isCopy = false) => new()
    {
        Id = TaskQuery.IdOf("real", question.File, text, isCopy ? "copy" : $"{question.Row}"),
        Collection = "real",
        Task = question.File,
        Prompt = text,
    };

    // No number: what has another is another question.
    private static string Edited(string text, Random random)
    {
        var words = text.Split(' ');
        var place = random.Next(words.Length);
        while (words[place].Any(char.IsDigit))
        {
            place = random.Next(words.Length);
        }

        words[place] = "zebra";
        return string.Join(' ', words);
    }

    private static string Signed(string text) => Spaces().Replace(text, " ");

    private static HashSet<ulong> Runs(string text)
    {
        var words = new ulong[text.Length];
        return [.. NearDuplicates.RunsOf(words.AsSpan(0, WordScanner.Read(text, words)), NearDuplicates.Run)];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[.,](?=\s|$)")]
    private static partial Regex Stops();
}
