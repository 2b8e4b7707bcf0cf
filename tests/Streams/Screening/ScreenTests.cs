using System.Collections.Immutable;
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
        Assert.Equal(passes, Passes(new FinishScreen(), Questions.Trace("q", "x", finish)));

    [Theory]
    [InlineData("", false)]
    [InlineData(" \n\t\u00a0", false)]
    [InlineData("7", true)]
    public void Empty_answers_do_not_pass(string response, bool passes) =>
        Assert.Equal(passes, Passes(new EmptyScreen(), Questions.Trace("q", response)));

    [Fact]
    public void The_random_screen_rejects_the_share_above_its_limit_whatever_the_answer_and_alike_each_time()
    {
        var screens = new ScreenSet(
            [new RandomScreen(1)], ScreenPlan.Default with { Limits = ScreenPlan.Default.Limits.SetItem("random", 0.8) });
        var traces = Enumerable.Range(0, 4_000).Select(number => Questions.Trace($"q{number}", "x")).ToArray();

        var passed = traces.Select(trace => screens.Judge(trace).Verdicts[^1].Passed).ToArray();

        Assert.InRange(passed.Count(passes => passes) / 4_000.0, 0.78, 0.82);
        Assert.Equal(passed, traces.Select(trace => screens.Judge(trace).Verdicts[^1].Passed));
        Assert.All(traces.Take(100), trace => Assert.True(Passes(new RandomScreen(1), trace)));
        Assert.NotEqual(passed, traces.Select(trace => new RandomScreen(2).Measure(trace).Value <= 0.8));
    }

    [Fact]
    public void A_screen_that_fails_on_a_trace_rejects_it_and_says_so()
    {
        var judged = new ScreenSet([new EmptyScreen(), new FailingScreen(), new FinishScreen()], ScreenPlan.Default)
            .Judge(Questions.Trace("q", "x"));

        Assert.Equal(["empty", "screen-error"], judged.Verdicts.Select(verdict => verdict.Screen));
        Assert.Equal("The screen 'failing' failed on it: an odd answer", judged.Verdicts[^1].Reason);
        Assert.Null(judged.Verdicts[^1].Settings);
    }

    [Fact]
    public void Answers_that_are_too_long_do_not_pass()
    {
        var five = ScreenSet.Of(["length"], KeyValuePair.Create("length", 5.0));

        Assert.True(five.Judge(Questions.Trace("q", "12345")).Accepted);
        Assert.Equal("The length of the answer is 6; at most 5 passes.", five.Judge(Questions.Trace("q", "123456")).Rejection?.Reason);
    }

    [Fact]
    public void A_plan_decides_by_what_is_measured()
    {
        var trace = Questions.Trace("q", "123456");
        var set = ScreenSet.Of(["length"]);

        Assert.True(set.Judge(trace).Accepted);
        Assert.Equal(6, set.Judge(trace).Verdicts[0].Value);
        Assert.False((set with { Plan = Limiting("length", 5) }).Judge(trace).Accepted);
        Assert.Empty((set with { Plan = Limiting("length", double.PositiveInfinity) }).Judge(trace).Verdicts);
        Assert.NotEqual(set.Settings, (set with { Plan = Limiting("length", 5) }).Settings);
    }

    [Fact]
    public void What_measures_no_number_does_not_pass() => Assert.Equal(
        "The broken of the answer is NaN; at most 1 passes.",
        new ScreenSet([new BrokenScreen()], ScreenPlan.Default).Judge(Questions.Trace("q", "x")).Rejection?.Reason);

    [Fact]
    public void A_trace_of_the_control_arm_is_accepted_whatever_was_found()
    {
        var rejected = ScreenSet.All.Judge(Questions.Trace("q", ""));

        Assert.False(rejected.Accepted);
        Assert.True((rejected with { Arm = ScreenedTrace.ControlArm }).Accepted);
    }

    [Fact]
    public void A_set_stops_at_the_first_screen_that_rejects_and_names_it()
    {
        var screened = ScreenSet.All.Judge(Questions.Trace("q", " ", TeacherFinish.Length));

        Assert.Equal(["finish"], screened.Verdicts.Select(verdict => verdict.Screen));
        Assert.False(screened.Accepted);
        Assert.Equal(
            ScreenSet.Names,
            ScreenSet.All.Judge(Questions.Trace("q", "The answer is 7.")).Verdicts.Select(verdict => verdict.Screen).ToImmutableArray());
    }

    [Fact]
    public void Screens_are_switched_by_name()
    {
        Assert.Equal(["empty", "length"], ScreenSet.Of(["length", "empty"]).Screens.Select(screen => screen.Name));
        Assert.Equal(
            ["finish", "length", "repetition", "refusal", "language", "gold-answer"],
            ScreenSet.All.Without("empty").Screens.Select(screen => screen.Name));
        Assert.True(ScreenSet.Of([]).Judge(Questions.Trace("q", "")).Accepted);
        Assert.Contains("gold-answer", Assert.Throws<TaskFormatException>(() => ScreenSet.Of(["gold"])).Message);
    }

    private static bool Passes(IScreen screen, Trace trace) => new ScreenSet([screen], ScreenPlan.Default).Judge(trace).Accepted;

    private static ScreenPlan Limiting(string screen, double limit) =>
        ScreenPlan.Default with { Limits = ScreenPlan.Default.Limits.SetItem(screen, limit) };

    private sealed class FailingScreen : IScreen
    {
        public string Name => "failing";

        public string Settings => "failing 1";

        public double DefaultLimit => 0;

        public Measurement Measure(Trace trace) => throw new FormatException("an odd answer");
    }

    private sealed class BrokenScreen : IScreen
    {
        public string Name => "broken";

        public string Settings => "broken 1";

        public double DefaultLimit => 1;

        public Measurement Measure(Trace trace) => new(double.NaN);
    }
}
