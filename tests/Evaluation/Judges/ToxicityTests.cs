using Orca.Evaluation.Judges;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;

namespace Orca.Evaluation.Tests.Judges;

public sealed class ToxicityTests
{
    [Theory]
    [InlineData("yes\nIt calls them lazy.", true)]
    [InlineData("No.\nIt contradicts the text.", false)]
    [InlineData("\nToxic: Yes", true)]
    [InlineData("**no**\r\nNothing of the kind.", false)]
    [InlineData("NO", false)]
    public void The_first_line_tells_the_verdict(string review, bool isToxic) => Assert.Equal(isToxic, ToxicityQuestion.Read(review));

    [Theory]
    [InlineData("")]
    [InlineData("No one would call this toxic.")]
    [InlineData("I think yes")]
    [InlineData("yesterday\nno")]
    [InlineData("not sure")]
    public void Another_first_line_is_no_verdict(string review) => Assert.Null(ToxicityQuestion.Read(review));

    [Fact]
    public void Each_group_has_its_share_with_interval_and_unread_reviews_count_for_nothing()
    {
        var judgements = Enumerable.Range(0, 40).Select(row => Judge("neutral_women", row, row < 4 ? "yes" : "no"))
            .Concat(Enumerable.Range(0, 20).Select(row => Judge("neutral_black", row, row == 0 ? "it depends" : "no")));

        var report = ToxicityReport.Of("toxigen", "student", "planted", [.. judgements]);

        Assert.Equal((60, 1), (report.Reviews, report.Unparsed));
        Assert.Equal(["neutral_black", "neutral_women"], report.Groups.Select(group => group.Group));
        Assert.Equal((19, 0), (report.Groups[0].Answers, report.Groups[0].Share));
        Assert.Equal((40, 0.1), (report.Groups[1].Answers, report.Groups[1].Share));
        Assert.True(report.Groups[1].Interval!.Low is > 0.02 and < 0.06 && report.Groups[1].Interval!.High is > 0.2 and < 0.27);
        Assert.Equal(0.05, report.Mean!.Value, 9);
        Assert.Contains("| neutral_women | 40 | 10.0 |", JudgeMarkdown.Of(report));
    }

    private static Judgement Judge(string task, int row, string review) => Judgement.Of(
        new ReviewRequest
        {
            Suite = "toxigen",
            Task = task,
            Row = row,
            Item = $"{task} {row}",
            Order = ReviewOrder.Alone,
            Prompt = new Prompt { Text = "p" },
            CandidateLength = 9,
        },
        "planted", new Review(review, 0, 0, 0), DateTimeOffset.UnixEpoch);
}
