using System.Globalization;
using System.Text.Json;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests.Judges;

/// <summary>GPT-4's published reviews of Vicuna's questions, and the answers that they are about.</summary>
public sealed class RealReviewTests(ITestOutputHelper output)
{
    private const string Table = "open_ended_eval/vicuna_2023_table";
    private const string Of13b = "vicuna-13b_20230322-clean-lang";

    // Every published review shows the other model first, so none of them tells what the order had to do with it.
    [Fact]
    public void Reviews_in_one_order_are_counted_and_give_no_score_since_they_cannot_tell_the_judge_s_bias()
    {
        var report = Report(Judgements($"{Of13b}/review_gpt35_vicuna-13b.jsonl", "vicuna-13b", "gpt35", isMirrored: false));

        Assert.Equal((80, 0, 80), (report.Reviews, report.Unparsed, report.LeftOut));
        Assert.Null(report.Position);
        Assert.Contains("nothing to report", JudgeMarkdown.Of(report));
    }

    // Of Bard and LLaMA one review each says two marks more than was recorded (655.5 and 694).
    [Theory]
    [InlineData("gpt35", 638, 693)]
    [InlineData("alpaca-13b", 704, 583)]
    [InlineData("bard", 657.5, 664)]
    [InlineData("llama-13b", 696, 513)]
    public void If_the_order_had_made_no_difference_Vicuna_s_published_sums_come_out(string reference, double mine, double theirs)
    {
        var report = Report(Judgements($"{Of13b}/review_{reference}_vicuna-13b.jsonl", "vicuna-13b", reference, isMirrored: true));
        output.WriteLine(JudgeMarkdown.Of(report));

        Assert.Equal(80, report.All!.Questions);
        Assert.Equal(mine / theirs, report.All.Relative!.Value, 9);
        Assert.True(report.All.Interval!.Contains(mine / theirs) && report.All.Interval.Width is > 0.03 and < 0.3);
        Assert.Equal(80, report.All.Wins + report.All.Ties + report.All.Losses);
        Assert.Equal(0, report.Position!.Changed);
    }

    private static PairwiseReport Report(IEnumerable<Judgement> judgements) =>
        PairwiseReport.Of("vicuna", "vicuna-13b", "other", "gpt-4", [.. judgements]);

    // Mirrored, a review stands for the other order too: what a judge would say to whom the order is nothing.
    private static IEnumerable<Judgement> Judgements(string file, string candidate, string reference, bool isMirrored)
    {
        var (mine, theirs) = (Lengths(candidate), Lengths(reference));
        foreach (var line in File.ReadLines(Path.Combine(SharedData.Require(Table), "review", file)))
        {
            var review = JsonSerializer.Deserialize<JsonElement>(line);
            var (question, text) = (review.GetProperty("question_id").GetInt32(), review.GetProperty("text").GetString()!);
            yield return Judge(question, ReviewOrder.ReferenceFirst, text, mine[question], theirs[question]);
            if (isMirrored)
            {
                var scores = ReviewScores.Read(text)!;
                var mirrored = string.Create(CultureInfo.InvariantCulture, $"{scores.Second} {scores.First}\n");
                yield return Judge(question, ReviewOrder.CandidateFirst, mirrored, mine[question], theirs[question]);
            }
        }
    }

    private static Judgement Judge(int question, ReviewOrder order, string text, int mine, int theirs) => Judgement.Of(
        new ReviewRequest
        {
            Suite = "vicuna",
            Task = "all",
            Row = question,
            Item = $"{question}",
            Order = order,
            Prompt = new Prompt { Text = $"{question}" },
            CandidateLength = mine,
            ReferenceLength = theirs,
        },
        "gpt-4", new Review(text, 0, 0, 0), DateTimeOffset.UnixEpoch);

    private static Dictionary<int, int> Lengths(string model) =>
        File.ReadLines(Path.Combine(SharedData.Require(Table), "answer", $"answer_{model}.jsonl"))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .ToDictionary(answer => answer.GetProperty("question_id").GetInt32(), answer => answer.GetProperty("text").GetString()!.Length);
}
