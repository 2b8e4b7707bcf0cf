using System.Collections.Immutable;
using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

public sealed class ScreenTests
{
    [Theory]
    [InlineData(TeacherFinish.Stop, true)]
    [InlineData(TeacherFinish.Length, false)]
    [InlineData(TeacherFinish.Filtered, false)]
    [InlineData(TeacherFinish.Unknown, false)]
    public void Only_answers_that_ended_by_themselves_pass(TeacherFinish finish, bool passes) =>
        Assert.Equal(passes, new FinishScreen().Judge(Questions.Trace("q", "x", finish)).Passed);

    [Theory]
    [InlineData("", false)]
    [InlineData(" \n\t\u00a0", false)]
    [InlineData("7", true)]
    public void Empty_answers_do_not_pass(string response, bool passes) =>
        Assert.Equal(passes, new EmptyScreen().Judge(Questions.Trace("q", response)).Passed);

    [Fact]
    public void A_screen_that_fails_on_a_trace_rejects_it_and_says_so()
    {
        var judged = new ScreenSet([new EmptyScreen(), new FailingScreen(), new FinishScreen()]).Judge(Questions.Trace("q", "x"));

        Assert.Equal(["empty", "failing"], judged.Verdicts.Select(verdict => verdict.Screen));
        Assert.Equal("The screen failed on it: an odd answer", judged.Verdicts[^1].Reason);
    }

    [Fact]
    public void Answers_that_are_too_long_in_characters_or_tokens_do_not_pass()
    {
        Assert.True(new LengthScreen(5).Judge(Questions.Trace("q", "12345")).Passed);
        Assert.False(new LengthScreen(5).Judge(Questions.Trace("q", "123456")).Passed);
        Assert.True(new LengthScreen(100, 3).Judge(Questions.Trace("q", "x") with { CompletionTokens = 3 }).Passed);
        Assert.False(new LengthScreen(100, 3).Judge(Questions.Trace("q", "x") with { CompletionTokens = 4 }).Passed);
    }

    [Theory]
    [InlineData("3 + 4 = 7, so the answer is 7.", "7", AnswerKind.Number, true)]
    [InlineData("3 + 4 = 8, so the answer is 8.", "7", AnswerKind.Number, false)]
    [InlineData("a free answer", "another wording", AnswerKind.FreeText, true)]
    public void Answers_that_contradict_the_gold_one_do_not_pass(string response, string gold, AnswerKind kind, bool passes)
    {
        var trace = Questions.Trace("q", response);
        trace = trace with { Request = trace.Request with { Query = Questions.Of("cot", "q", gold, kind) } };

        Assert.Equal(passes, new GoldAnswerScreen().Judge(trace).Passed);
    }

    [Fact]
    public void Free_text_is_compared_where_that_is_asked_for_and_nothing_is_where_there_is_no_gold_answer()
    {
        var trace = Questions.Trace("q", "some wording");
        var free = trace with { Request = trace.Request with { Query = Questions.Of("cot", "q", "another", AnswerKind.FreeText) } };
        var none = trace with { Request = trace.Request with { Query = trace.Request.Query with { GoldAnswers = [] } } };

        Assert.False(new GoldAnswerScreen(judgesFreeText: true).Judge(free).Passed);
        Assert.True(new GoldAnswerScreen(judgesFreeText: true).Judge(none).Passed);
    }

    [Fact]
    public void A_set_stops_at_the_first_screen_that_rejects_and_names_it()
    {
        var screened = ScreenSet.All.Judge(Questions.Trace("q", " ", TeacherFinish.Length));

        Assert.Equal(["finish"], screened.Verdicts.Select(verdict => verdict.Screen));
        Assert.False(screened.Accepted);
        Assert.Equal(0, screened.Score);
        Assert.Equal(
            ScreenSet.Names,
            ScreenSet.All.Judge(Questions.Trace("q", "The answer is 7.")).Verdicts.Select(verdict => verdict.Screen).ToImmutableArray());
    }

    [Fact]
    public void Screens_are_switched_by_name()
    {
        Assert.Equal(["empty", "length"], ScreenSet.Of(["length", "empty"]).Screens.Select(screen => screen.Name));
        Assert.Equal(["finish", "length", "gold-answer"], ScreenSet.All.Without("empty").Screens.Select(screen => screen.Name));
        Assert.True(ScreenSet.Of([]).Judge(Questions.Trace("q", "")).Accepted);
        Assert.Contains("gold-answer", Assert.Throws<TaskFormatException>(() => ScreenSet.Of(["gold"])).Message);
    }

    private sealed class FailingScreen : IScreen
    {
        public string Name => "failing";

        public string Settings => "failing 1";

        public ScreenVerdict Judge(Trace trace) => throw new FormatException("an odd answer");
    }
}
