using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

public sealed class GoldAnswerScreenTests
{
    [Theory]
    [InlineData("3 + 4 = 7, so the answer is 7.", "7", AnswerKind.Number, 0)]
    [InlineData("3 + 4 = 8, so the answer is 8.", "7", AnswerKind.Number, 1)]
    [InlineData("That is hard to say.", "7", AnswerKind.Number, 1)]
    [InlineData("Yes, they do.", "yes", AnswerKind.YesNo, 0)]
    [InlineData("No, they do not.", "yes", AnswerKind.YesNo, 1)]
    [InlineData("The answer is (B).", "(C)", AnswerKind.MultipleChoice, 1)]
    [InlineData("The answer is Paris.", "Paris", AnswerKind.ShortText, 0)]
    [InlineData("The answer is Rome.", "Paris", AnswerKind.ShortText, 1)]
    [InlineData("The answer is Andorra.", "Andorra la Vella", AnswerKind.ShortText, 0.5)]
    [InlineData("ant bee cat", "ant bee cat", AnswerKind.List, 0)]
    [InlineData("ant cat bee", "ant bee cat", AnswerKind.List, 1)]
    [InlineData("a free answer", "another wording", AnswerKind.FreeText, 0.5)]
    [InlineData("a free answer", "a free answer", AnswerKind.FreeText, 0)]
    public void Agreement_measures_0_contradiction_1_and_what_cannot_be_told_a_half(
        string response, string gold, AnswerKind kind, double value) =>
        Assert.Equal(value, new GoldAnswerScreen().Measure(Trace("Sort these words: cat bee ant", response, gold, kind)).Value);

    [Fact]
    public void What_cannot_be_told_passes_unless_the_plan_says_otherwise()
    {
        var trace = Trace("q", "a free answer", "another wording", AnswerKind.FreeText);
        var set = ScreenSet.Of(["gold-answer"]);
        var strict = ScreenSet.Of(["gold-answer"], KeyValuePair.Create("gold-answer", 0.4));

        Assert.True(set.Judge(trace).Accepted);
        Assert.Equal("Whether the answer is 'another wording' cannot be told.", strict.Judge(trace).Rejection?.Reason);
    }

    [Fact]
    public void What_contradicts_the_gold_answer_is_rejected_and_the_gold_one_named() => Assert.Equal(
        "The answer is not '7'.",
        ScreenSet.Of(["gold-answer"]).Judge(Trace("q", "The answer is 8.", "7", AnswerKind.Number)).Rejection?.Reason);

    [Fact]
    public void Nothing_is_measured_where_there_is_no_gold_answer()
    {
        var trace = Trace("q", "The answer is 8.", "7", AnswerKind.Number);
        var none = trace with { Request = trace.Request with { Query = trace.Request.Query with { GoldAnswers = [] } } };

        Assert.Equal(0, new GoldAnswerScreen().Measure(none).Value);
    }

    private static Trace Trace(string prompt, string response, string gold, AnswerKind kind)
    {
        var trace = Questions.Trace(prompt, response);
        return trace with { Request = trace.Request with { Query = Questions.Of("cot", prompt, gold, kind) } };
    }
}
