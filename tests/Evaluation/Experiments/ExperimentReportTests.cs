using Orca.Evaluation.Experiments;

namespace Orca.Evaluation.Tests.Experiments;

public class ExperimentReportTests
{
    private static readonly ExperimentPlan Plan = new()
    {
        Name = "screens",
        Question = "Which is better?",
        Published = "Others found 42 %.",
        Arms = ["a", "b", "c"],
        Students = [],
        Pairs = [new ArmPair("a", "b"), new ArmPair("a", "c")],
        Seeds = 3,
        Steps = 10,
        QuestionsPerTask = 4,
        HeldOutFamilies = 0,
        Protocols = ["robust", "paper"],
    };

    [Fact]
    public void The_measure_that_decides_stands_first_and_its_comparisons_are_corrected_for_their_number()
    {
        var report = ExperimentReport.Of(Plan, Students());

        Assert.Equal(
            ["robust a b", "robust a c", "paper a b", "paper a c"],
            report.Comparisons.Select(one => $"{one.Protocol} {one.First} {one.Second}"));
        var (first, second) = (report.Comparisons[0], report.Comparisons[1]);
        Assert.Equal(
            2 * Math.Min(first.Seeds.P!.Value, second.Seeds.P!.Value), Math.Min(first.AdjustedP!.Value, second.AdjustedP!.Value), 1e-12);
    }

    [Fact]
    public void Only_seeds_that_both_arms_have_are_compared()
    {
        var report = ExperimentReport.Of(Plan, Students().Where(student => student is not { Arm: "b", Seed: 2 }));

        Assert.Equal((2, 3), (report.Comparisons[0].Seeds.Seeds, report.Comparisons[1].Seeds.Seeds));
    }

    [Fact]
    public void Its_markdown_says_what_was_fixed_what_came_of_it_and_what_was_published()
    {
        var text = ExperimentMarkdown.Of(ExperimentReport.Of(Plan, Students()));

        Assert.Contains("Fixed beforehand: the mean over all families trained on of questions held out, chance-corrected", text);
        Assert.Contains("a 52.0 %, b 41.0 %: a difference of +11.0 points (", text);
        Assert.Contains("would have been found in 80 of 100 such experiments.", text);
        Assert.Contains("Published beside it: Others found 42 %.", text);
        Assert.Contains("| a | 3 | 10 | 1,000 | 500 | 20 | 30 | 25 | 0.500 |", text);
    }

    private static IEnumerable<StudentResult> Students() =>
        from arm in new[] { ("a", 0.5), ("b", 0.4), ("c", 0.3) }
        from seed in Enumerable.Range(1, 3)
        let effort = new StudentEffort(10, 1_000, 500, 20, 30, 25, 0.5)
        select new StudentResult(
            arm.Item1, seed, effort,
            [
                .. new[] { "robust", "paper" }.Select(protocol => new StudentScore(
                    StudentScore.HeldOutInstances, protocol, arm.Item2 + (0.01 * seed * (arm.Item1 == "a" ? 1 : 0.5)), 0.6, 0.01, 60)),
            ]);
}
