using Orca.Evaluation.Reports;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests.Suites;

public class PublishedSuiteTests
{
    private static EvaluationSuite Bbh => BigBenchHard.Read("bbh", SharedData.Require("bbh"), isPaper: true);

    private static EvaluationSuite Agi => AgiEval.Read("agieval", SharedData.Require("agieval"), isPaper: true);

    [Fact]
    public void Big_bench_hard_of_the_paper_has_23_tasks_and_5511_questions()
    {
        Assert.Equal((23, 5511), (Bbh.Tasks.Length, Bbh.Items.Count()));
        Assert.Equal((27, 6511), Count(BigBenchHard.Read("bbh-all", SharedData.Require("bbh"), isPaper: false)));
        Assert.Contains("canary GUID", Assert.Single(Bbh.Canaries));
        Assert.All(Bbh.Tasks, task => Assert.True(task is { Description: not null, Examples: not null }, task.Name));
    }

    [Fact]
    public void Agieval_of_the_paper_has_8_tasks_and_2546_questions() => Assert.Equal((8, 2546), Count(Agi));

    [Fact]
    public void Whoever_always_says_the_most_frequent_answer_gets_34_7_of_bbh_and_26_3_of_agieval()
    {
        Assert.Equal(34.7, Percent(Bbh.Tasks.Average(task => task.Majority)));
        Assert.Equal(26.3, Percent(Agi.Tasks.Average(task => task.Majority)));
    }

    [Fact]
    public void Whoever_always_says_A_gets_23_85_of_agieval() =>
        Assert.Equal(23.85, Math.Round(Agi.Tasks.Average(task => task.FirstOption) * 100, 2));

    [Fact]
    public void Whoever_guesses_among_the_options_gets_about_30_8_of_bbh() =>
        Assert.InRange(Percent(Bbh.Tasks.Average(task => task.Chance)), 30.3, 31.3);

    [Fact]
    public void Published_means_are_those_of_their_tasks()
    {
        foreach (var row in PublishedRows.All.Where(row => !row.Tasks.IsEmpty))
        {
            Assert.InRange(row.Tasks.Values.Average(), row.Mean - 0.051, row.Mean + 0.051);
        }

        Assert.Equal(Bbh.Tasks.Select(task => task.Name), PublishedRows.All[0].Tasks.Keys);
        Assert.Equal(
            Agi.Tasks.Select(task => task.Name).Order(), PublishedRows.All.First(row => row.Suite == "agieval").Tasks.Keys.Order());
    }

    [Fact]
    public void Known_faults_of_the_published_questions_are_found()
    {
        var faults = Bbh.Items.Concat(Agi.Items).Where(item => item.Defect is not null).ToList();

        Assert.Equal([32, 36, 104, 119], RowsOf("causal_judgement", "the same question is there with another answer"));
        Assert.Equal([163], RowsOf("movie_recommendation", "the answer is none of the options"));
        Assert.Equal([99, 144], RowsOf("ruin_names", "the answer is none of the options"));
        Assert.Equal([86], RowsOf("snarks", "two options are the same"));
        Assert.Equal([100, 101], RowsOf("sat-en", "the same question is there with another answer"));
        Assert.Equal(19, RowsOf("logiqa-en", "the options' letters are out of order").Length);
        Assert.Equal(185.0 / 187, Bbh.Tasks.Single(task => task.Name == "causal_judgement").Attainable, 9);
        Assert.Equal(248.0 / 250, Bbh.Tasks.Single(task => task.Name == "ruin_names").Attainable, 9);

        int[] RowsOf(string task, string what) =>
            [.. faults.Where(item => item.Task == task && item.Defect!.What == what).Select(item => item.Row)];
    }

    [Fact]
    public void Other_files_of_the_same_form_are_read_too()
    {
        var all = AgiEval.Read("agieval-all", SharedData.Require("agieval"), isPaper: false);

        var cloze = all.Tasks.Single(task => task.Name == "math");
        Assert.Equal(1000, cloze.Items.Length);
        Assert.All(cloze.Items, item => Assert.Empty(item.Choices));
    }

    [Fact]
    public void Gsm8k_has_1319_questions_with_numbers()
    {
        var suite = Gsm8k.Read("gsm8k", SharedData.Require("gsm8k"));

        Assert.Equal(1319, suite.Items.Count());
        Assert.Equal("18", suite.Items.First().Gold[0]);
        Assert.All(suite.Items, item => Assert.Equal(AnswerKind.Number, item.Kind));
    }

    [Fact]
    public void Truthful_qa_hides_the_best_answer_among_the_wrong_ones_in_no_constant_place()
    {
        var suite = TruthfulQa.Read("truthfulqa", SharedData.Require("truthfulqa"));

        Assert.Equal(817, suite.Items.Count());
        Assert.Contains(suite.Items, item => item.Choices[item.Gold[0][0] - 'A'].EndsWith("digestive system", StringComparison.Ordinal));
        Assert.InRange(suite.Items.Count(item => item.Gold[0] == "A"), 100, 300);
    }

    [Theory]
    [InlineData("agieval")]
    [InlineData("agieval/v1")]
    public void AGIEval_s_explained_examples_lead_up_to_their_answers(string folder)
    {
        var suite = AgiEval.Read("agieval", SharedData.Require(folder), isPaper: true);

        Assert.All(suite.Tasks, task => Assert.Matches("The answer is therefore [A-E]$", task.Examples));
        var examples = suite.Tasks.ToDictionary(task => task.Name, task => task.Examples!);
        Assert.Contains("\n(C)3.75km\n(D)4.75km\n(E)5.75km\nA -time = d/10 + d/9 = 19d/90 hours\nB -time", examples["aqua-rat"]);
        Assert.Contains("If X is selected, then neither Z nor P can be selected.", examples["lsat-ar"]);
        Assert.True(examples["sat-en-without-passage"].Length < examples["sat-en"].Length / 2);
    }

    [Fact]
    public void Questions_for_a_judge_have_no_gold()
    {
        var vicuna = JudgedQuestions.Vicuna("vicuna", SharedData.Require("open_ended_eval/vicuna_bench"));
        var older = JudgedQuestions.Vicuna("vicuna", SharedData.Require("open_ended_eval/vicuna_2023_table"));
        var toxigen = JudgedQuestions.ToxiGen("toxigen", SharedData.Require("toxigen"));

        Assert.Equal((80, 80, 600), (vicuna.Items.Count(), older.Items.Count(), toxigen.Items.Count()));
        Assert.All(vicuna.Items, item => Assert.Empty(item.Gold));
        Assert.EndsWith("\n-", toxigen.Items.First().Question);
    }

    [Fact]
    public async Task Rows_of_anybody_s_are_read_with_a_map_of_their_fields()
    {
        var path = Path.Combine(Path.GetTempPath(), $"orca-{Guid.NewGuid():N}.jsonl");
        await File.WriteAllTextAsync(path, "{\"q\": \"2 + 2?\", \"a\": \"4\"}\n{\"q\": \"3 + 3?\", \"a\": \"6\"}\n", Cancelled);
        try
        {
            var suite = await SuiteSpec.Of($"jsonl:{path}?question=q&answer=a").ReadAsync(new Progress<SourceFault>(), Cancelled);

            Assert.Equal(["4", "6"], suite.Items.Select(item => item.Gold[0]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("bbh", "names no path")]
    [InlineData("bbh:/nowhere/at/all", "'/nowhere/at/all' is not there")]
    [InlineData("chess:x", "is no benchmark")]
    public async Task What_cannot_be_read_is_told_in_one_sentence(string spec, string expected)
    {
        var failure = await Assert.ThrowsAsync<EvaluationException>(
            () => SuiteSpec.Of(spec).ReadAsync(new Progress<SourceFault>(), Cancelled));

        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public void A_limit_takes_questions_from_the_whole_file()
    {
        var task = Bbh.Limited(10).Tasks.Single(task => task.Name == "navigate");

        Assert.Equal([0, 25, 50, 75, 100, 125, 150, 175, 200, 225], task.Items.Select(item => item.Row));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static (int Tasks, int Items) Count(EvaluationSuite suite) => (suite.Tasks.Length, suite.Items.Count());

    private static double Percent(double share) => Math.Round(share * 100, 1);
}
