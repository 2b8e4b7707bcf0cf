using System.Text.RegularExpressions;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Sieves;

/// <summary>What the index of three exams finds in all questions of the shared data.</summary>
public sealed partial class ContaminationFiguresTests(ContaminationFiguresTests.Exams exams)
    : IClassFixture<ContaminationFiguresTests.Exams>
{
    private static readonly string[] Romans =
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii"];

    private static readonly Dictionary<string, Func<string, string>> Changes = new()
    {
        ["none"] = text => text,
        ["lower case"] = text => text.ToLowerInvariant(),
        ["upper case"] = text => text.ToUpperInvariant(),
        ["white space"] = text => $" {Spaces().Replace(text, "  \n\t ")}\n",
        ["one line"] = text => Spaces().Replace(text, " "),
        ["1."] = text => Numbered(text, index => $"{index + 1}. "),
        ["a)"] = text => Numbered(text, index => $"{(char)('a' + index)}) "),
        ["(i)"] = text => Numbered(text, index => $"({Romans[index]}) "),
        ["II."] = text => Numbered(text, index => $"{Romans[index].ToUpperInvariant()}. "),
        ["B:"] = text => Numbered(text, index => $"{(char)('A' + index)}: "),
        ["Q:"] = text => $"Q: {text}\nA:",
        ["12."] = text => $"12. {text}",
        ["Question 3:"] = text => $"Question 3: {Numbered(text, index => $"{index + 1}) ").ToUpperInvariant()}\nAnswer:",
        ["full width"] = text => string.Concat(text.Select(letter => letter is >= '!' and <= '~' ? (char)(letter + 0xFEE0) : letter)),
    };

    public static TheoryData<string> NamesOfChanges => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(NamesOfChanges))]
    public void Every_item_that_is_planted_is_found_whatever_its_white_space_case_and_numbering(string change)
    {
        Assert.Equal(12_451, exams.Questions.Count);
        Assert.All(exams.Questions, question => Assert.NotNull(exams.Index.Find(Changes[change](question.Text))));
    }

    // Pitfall 12 of collectors: the evaluation sets themselves, and AQuA above all, whose training questions are in FLAN's collection.
    [Fact]
    public void Pitfall_12_Fewer_than_one_in_a_thousand_other_questions_is_found_and_what_truly_overlaps_is()
    {
        var overlaps = File.ReadLines(Path.Combine(Repository.Root, "tests", "Streams", "Sieves", "overlaps.tsv"))
            .Select(line => line.Split('\t')).Select(cells => (cells[0], int.Parse(cells[1]), cells[2], int.Parse(cells[3]))).ToHashSet();
        var others = RealQuestions.OfOthers();
        var found = others.Select(question => (question, Match: exams.Index.Find(question.Text))).Where(pair => pair.Match is not null)
            .Select(pair =>
                (pair.question.File, pair.question.Row, Path.GetRelativePath(RealQuestions.Root, pair.Match!.File), pair.Match.Row))
            .ToHashSet();

        Assert.Superset(overlaps, found);
        Assert.InRange(found.Except(overlaps).Count(), 0, others.Count / 1000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{found.Count - overlaps.Count} of {others.Count}, {overlaps.Count} overlaps");
    }

    [Fact]
    public void Built_in_tasks_share_no_question_with_those_they_are_modelled_on()
    {
        var tasks = new ReasoningTasks(1);

        Assert.All(Enumerable.Range(0, 2000 * tasks.Families.Length), index => Assert.Null(exams.Index.Find(tasks.At(index))));
    }

    [Fact]
    public void The_index_of_three_exams_is_below_70_MB() => Assert.InRange(exams.Index.Bytes, 1, 70_000_000);

    private static string Numbered(string text, Func<int, string> mark) =>
        Marks().Replace(text, match => mark(match.Groups[1].Value[0] - 'A'));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\(([A-R])\)\s*")]
    private static partial Regex Marks();

    /// <summary>The three exams, read once.</summary>
    public sealed class Exams
    {
        private readonly Lazy<ContaminationIndex> index = new(() => ContaminationIndex.Read(
            new EvaluationSet("bbh", SharedData.Require("bbh/tasks")),
            new EvaluationSet("agieval", SharedData.Require("agieval/v1")),
            new EvaluationSet("gsm8k", SharedData.Require("gsm8k/test.jsonl"))));

        private readonly Lazy<List<RealQuestion>> questions = new(RealQuestions.OfExams);

        public ContaminationIndex Index => index.Value;

        internal List<RealQuestion> Questions => questions.Value;
    }
}
