using System.Text.Json;
using Orca.Evaluation.Judges;
using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests.Judges;

public class ReviewScoresTests
{

    [Theory]
    [InlineData("8 9\nBoth were helpful.", 8, 9)]
    [InlineData("9, 8.5\nBoth", 9, 8.5)]
    [InlineData("8/10 9/10\nBoth", 8, 9)]
    [InlineData("**7 9**\n\nThe second", 7, 9)]
    [InlineData("First, 3x + 10 = 5 (x - 2).\n\nAssistant 1: 10\nAssistant 2: 4\n\nAssistant 1 performed better.", 10, 4)]
    [InlineData("Points (2, -2) and (10, 4).\nThe output tuple is (10, 1). Assistant 1 performed better.", 10, 1)]
    [InlineData("Assistant 1: 1/10 (incorrect)\nAssistant 2: 4/10 (one mistake)", 1, 4)]
    [InlineData("I would give Assistant 1 a score of 10 and Assistant 2 a score of 4.", 10, 4)]
    public void The_scores_are_found_where_judges_write_them(string review, double first, double second) =>
        Assert.Equal(new ReviewScores(first, second), ReviewScores.Read(review));

    [Theory]
    [InlineData("")]
    [InlineData("Both assistants are equally good.")]
    [InlineData("Assistant 1: 8\nAssistant 2 is worse.")]
    public void A_review_without_two_scores_has_none(string review) => Assert.Null(ReviewScores.Read(review));

    [Fact]
    public void Of_1040_real_reviews_all_are_read_as_recorded_but_two_whose_record_contradicts_their_text()
    {
        var reviews = Directory.EnumerateFiles(
                SharedData.Require("open_ended_eval/vicuna_2023_table/review"), "*.jsonl", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();

        var others = reviews.Where(review => ReviewScores.Read(review.GetProperty("text").GetString()!) is not { } scores
            || scores != new ReviewScores(review.GetProperty("score")[0].GetDouble(), review.GetProperty("score")[1].GetDouble())).ToList();

        Assert.Equal(1040, reviews.Count);
        Assert.Equal(2, others.Count);
        Assert.All(others, review => Assert.EndsWith(
            "Assistant 2: 4", review.GetProperty("text").GetString()!.Split("\n\nAssistant 1 performed better")[0]));
    }

    [Fact]
    public void Vicuna_s_published_92_percent_of_gpt_3_5_is_the_ratio_of_the_sums()
    {
        var file = Directory.EnumerateFiles(
            SharedData.Require("open_ended_eval/vicuna_2023_table/review/vicuna-13b_20230322-clean-lang"), "review_gpt35_*").Single();
        var scores = File.ReadLines(file).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("score")).ToList();

        Assert.Equal((693, 638), (scores.Sum(score => score[0].GetDouble()), scores.Sum(score => score[1].GetDouble())));
    }
}
