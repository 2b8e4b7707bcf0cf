using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Commands;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Tests.Teacher;

public sealed class FaultRulesTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Every_third_call_begins_with_the_first() =>
        Assert.Equal([0, 3, 6], Met(new FaultRule { Fault = "500", Every = 3 }, calls: 8));

    [Fact]
    public void The_first_times_are_counted_for_each_question()
    {
        var rules = new FaultRules([new FaultRule { Fault = "500", Times = 2 }], time);
        Assert.Equal(
            [true, true, false, true],
            new[] { ("a", 0), ("a", 1), ("a", 2), ("b", 0) }.Select(call => IsMet(rules, call.Item1, call.Item2)));
    }

    [Fact]
    public void A_share_of_the_calls_is_drawn_from_the_seed_whatever_their_order()
    {
        var rule = new FaultRule { Fault = "500", Probability = 0.05 };
        var (forward, backward) = (new FaultRules([rule], time), new FaultRules([rule], time));
        var one = Enumerable.Range(0, 10_000).Where(call => IsMet(forward, $"{call}", 0)).ToHashSet();
        var other = Enumerable.Range(0, 10_000).Reverse().Where(call => IsMet(backward, $"{call}", 0)).ToHashSet();
        Assert.Equal(one, other);

        // Four deviations of a binomial of 10,000 and 0.05.
        Assert.InRange(one.Count, 500 - 87, 500 + 87);
    }

    [Fact]
    public void A_text_a_model_and_a_number_of_calls_before_narrow_it()
    {
        var rules = new FaultRules([new FaultRule { Fault = "500", Matching = "7", Model = "m", After = 2 }], time);
        Assert.False(IsMet(rules, "7", 0, before: 1));
        Assert.False(IsMet(rules, "8", 0, before: 2));
        Assert.True(IsMet(rules, "17", 0, before: 2));
    }

    [Fact]
    public void A_window_of_time_begins_and_ends()
    {
        var rules = new FaultRules([new FaultRule { Fault = "429", FromSeconds = 60, UntilSeconds = 660 }], time);
        Assert.False(IsMet(rules, "x", 0));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(IsMet(rules, "x", 0));
        time.Advance(TimeSpan.FromSeconds(600));
        Assert.False(IsMet(rules, "x", 0));
    }

    [Fact]
    public void The_first_rule_that_applies_counts()
    {
        var rules = new FaultRules([new FaultRule { Fault = "401", Matching = "x" }, new FaultRule { Fault = "500" }], time);
        Assert.Equal(["401", "500"], new[] { "x", "y" }.Select(question => Next(rules, question, 0, 0)?.Kind.Name));
    }

    [Fact]
    public void A_flag_gives_a_rule()
    {
        Assert.Equal(
            new FaultRule { Fault = "429-seconds", Probability = 0.05, PauseSeconds = 2, Matching = "7" },
            DescriptionFile.Rule("429-seconds,probability=0.05,pauseSeconds=2,matching=7"));
        Assert.Contains("expected a fault", Assert.Throws<CommandException>(() => DescriptionFile.Rule("500,evry=3")).Message);
    }

    private static bool IsMet(FaultRules rules, string question, int turn, long before = 0) =>
        Next(rules, question, turn, before) is not null;

    private int[] Met(FaultRule rule, int calls)
    {
        var rules = new FaultRules([rule], time);
        return [.. Enumerable.Range(0, calls).Where(call => IsMet(rules, $"{call}", 0, call))];
    }

    private static (FaultKind Kind, TimeSpan Pause)? Next(FaultRules rules, string question, int turn, long before)
    {
        var request = new ChatRequest { Model = "m", Question = question, SystemMessage = "", PromptTokens = 1 };
        return rules.Next(request, new Draw(1, question, turn), before);
    }
}
