using Orca.Evaluation.Judges;
using Orca.Evaluation.Reports;
using Orca.Streams;

namespace Orca.Evaluation.Tests.Judges;

public sealed class PairwiseReportTests
{
    [Fact]
    public void A_fair_judge_s_marks_come_out_and_no_bias_is_seen()
    {
        var report = PlantedJudge.Report(PlantedJudge.Of(Pairs(80, better: 0.5), (worth, _, _) => worth));

        Assert.Equal((80, 160, 0, 0), (report.All!.Questions, report.Reviews, report.Unparsed, report.LeftOut));
        Assert.Equal(0, report.Position!.Advantage, 9);
        Assert.Equal((80, 0, 0, 0), (
            report.Position.Compared, report.Position.Changed, report.Position.ForFirst, report.Position.ForSecond));
        Assert.InRange(report.All.Relative!.Value, 1.02, 1.15);
        Assert.True(report.All.Interval!.Low > 1);
        Assert.Equal(0.160m, report.Cost);
    }

    [Fact]
    public void A_judge_that_gives_the_first_answer_a_mark_more_is_told_and_its_bias_cancels_out()
    {
        var pairs = Pairs(80, better: 0).ToArray();
        var fair = PlantedJudge.Report(PlantedJudge.Of(pairs, (worth, _, _) => worth));
        var random = new SeededRandom(3);

        var biased = PlantedJudge.Report(PlantedJudge.Of(
            pairs, (worth, _, isFirst) => worth + (isFirst ? 1 : 0) + (0.4 * (random.NextDouble() - 0.5))));

        Assert.True(biased.Position!.Interval!.Contains(1), $"{biased.Position}");
        Assert.True(biased.Position.Interval.Low > 0.9);
        Assert.True(biased.Position.ForFirst > 20);
        Assert.Equal(0, biased.Position.ForSecond);
        Assert.Equal(fair.All!.Relative!.Value, biased.All!.Relative!.Value, 1);
        Assert.InRange(biased.All.WinRate, fair.All.WinRate - 0.1, fair.All.WinRate + 0.1);
        Assert.Contains("Position bias +1.0", JudgeMarkdown.Of(biased));
    }

    [Fact]
    public void A_judge_that_likes_the_longer_answer_alone_prefers_nobody_at_equal_lengths()
    {
        // Four in five of the candidate's answers are longer, and nothing else tells the two apart.
        var random = new SeededRandom(11);
        var pairs = Enumerable.Range(0, 200).Select(_ => new PlantedPair(7, 7, 600 + random.Next(500), 500 + random.Next(300))).ToList();

        var report = PlantedJudge.Report(PlantedJudge.Of(pairs, (worth, longer, _) => worth + Math.Sign(longer)));

        Assert.InRange(report.All!.WinRate, 0.75, 0.95);
        Assert.InRange(report.Length!.WinRate, 0.4, 0.6);
        Assert.True(report.Length.Slope > 1);
        Assert.True(report.Length.Longer > 150 && report.Length.Shorter > 10);
        Assert.True(report.Length.Interval!.Contains(0.5), $"{report.Length.Interval}");
    }

    [Fact]
    public void A_judge_to_whom_length_is_nothing_has_its_win_rate_left_as_it_is()
    {
        var random = new SeededRandom(5);
        var pairs = Pairs(200, better: 0.4)
            .Select(pair => pair with { CandidateLength = random.Next(1000), ReferenceLength = random.Next(1000) }).ToList();

        var report = PlantedJudge.Report(PlantedJudge.Of(pairs, (worth, _, _) => worth));

        Assert.InRange(report.Length!.WinRate, report.All!.WinRate - 0.03, report.All.WinRate + 0.03);
    }

    [Fact]
    public void A_candidate_that_always_wins_with_longer_answers_has_a_finite_share_and_a_warning()
    {
        var report = PlantedJudge.Report(PlantedJudge.Of(
            Enumerable.Range(1, 40).Select(i => new PlantedPair(9, 4, 500 + (10 * i), 400)), (worth, _, _) => worth));

        Assert.Equal(1, report.All!.WinRate);
        Assert.InRange(report.Length!.WinRate, 0.5, 1);
        Assert.True(double.IsFinite(report.Length.Slope));
        Assert.Contains("nothing was seen on the other", JudgeMarkdown.Of(report));
    }

    [Fact]
    public void The_interval_of_the_relative_score_holds_the_truth_in_about_95_of_100_benchmarks()
    {
        // Marks of 1 to 10 as a judge gives them; the truth is the ratio over a great many questions.
        var random = new SeededRandom(17);
        PlantedPair Draw()
        {
            var hard = 6 + (2 * random.NextDouble());
            return new PlantedPair(hard + (2 * random.NextDouble()), hard - 1 + (3 * random.NextDouble()));
        }

        var many = Enumerable.Range(0, 200_000).Select(_ => Draw()).ToList();
        var truth = many.Sum(pair => pair.Candidate) / many.Sum(pair => pair.Reference);
        const int benchmarks = 150;

        var held = Enumerable.Range(0, benchmarks).Count(_ => PairwiseScore.Of("all", PairScores.Of(
            PlantedJudge.Of(Enumerable.Range(0, 40).Select(_ => Draw()), (worth, _, _) => worth))).Interval!.Contains(truth));

        Assert.InRange(held / (double)benchmarks, 0.9, 0.99);
    }

    // Preferences that follow length alone; and such that are 73 % at equal lengths. Of the former the ridge leaves the mean a few points
    // on the side of the plain win rate.
    [Theory]
    [InlineData(0, 30, 0.5)]
    [InlineData(1, 1.5, 0.731)]
    public void The_interval_at_equal_lengths_holds_the_truth_in_about_95_of_100_benchmarks(double constant, double slope, double truth)
    {
        var random = new SeededRandom(23);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        PlantedPair Draw()
        {
            var longer = (int)(400 + (800 * Normal()));
            var odds = constant + (slope * Math.Tanh(longer / 800.0));
            return new PlantedPair(random.NextDouble() < 1 / (1 + Math.Exp(-odds)) ? 8 : 6, 7, 5000 + longer, 5000);
        }

        var controls = Enumerable.Range(0, 60).Select(_ => LengthControl.Of(PairScores.Of(
            PlantedJudge.Of(Enumerable.Range(0, 80).Select(_ => Draw()), (worth, _, _) => worth)))).ToList();

        Assert.InRange(controls.Average(control => control.WinRate), truth - 0.08, truth + 0.08);
        Assert.InRange(controls.Count(control => control.Interval!.Contains(truth)) / 60.0, 0.85, 1);
    }

    [Fact]
    public void Reviews_without_marks_are_counted_and_their_questions_left_out()
    {
        var judgements = PlantedJudge.Of(Pairs(10, better: 1), (worth, _, _) => worth)
            .SetItem(3, PlantedJudge.Judge(1, ReviewOrder.ReferenceFirst, "I cannot compare these."))
            .SetItem(4, PlantedJudge.Judge(2, ReviewOrder.CandidateFirst, "2024 99\nwas a good year"));

        var report = PlantedJudge.Report(judgements);

        Assert.Equal((20, 2, 2, 8), (report.Reviews, report.Unparsed, report.LeftOut, report.All!.Questions));
        Assert.Contains("2 questions lack a review with marks", JudgeMarkdown.Of(report));
    }

    [Fact]
    public void Without_any_marks_there_is_nothing_to_report_and_it_says_so()
    {
        var report = PlantedJudge.Report([PlantedJudge.Judge(0, ReviewOrder.CandidateFirst, "8 7\nFine.")]);

        Assert.Null(report.All);
        Assert.Contains("nothing to report", JudgeMarkdown.Of(report));
    }

    [Fact]
    public void A_single_question_has_scores_and_no_interval()
    {
        var report = PlantedJudge.Report(PlantedJudge.Of([new PlantedPair(8, 4)], (worth, _, _) => worth));

        Assert.Equal((2, null, 1, null), (report.All!.Relative, report.All.Interval, report.All.Wins, report.Position!.Interval));
        Assert.Contains("Relative score 200.0 % (-)", JudgeMarkdown.Of(report));
    }

    private static IEnumerable<PlantedPair> Pairs(int count, double better)
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < count; i++)
        {
            yield return new PlantedPair(5 + better + (3 * random.NextDouble()), 5 + (3 * random.NextDouble()));
        }
    }
}
