using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

public sealed class NearDuplicateScreenTests
{
    private const string Answer = "First add the two numbers that the question names, then take away what the baker ate on the way, and "
        + "last divide by the number of children who wait at the door, which gives four rolls for each of them and none for the dog.";

    private readonly NearDuplicates answers = new(100);

    [Fact]
    public void Nearly_the_answer_to_another_question_does_not_pass()
    {
        var set = new ScreenSet([new NearDuplicateScreen(answers)], ScreenPlan.Default);

        Assert.True(set.Judge(Questions.Trace("one", Answer)).Accepted);
        var judged = set.Judge(Questions.Trace("another", Answer.Replace("the dog", "the cat", StringComparison.Ordinal)));
        Assert.Equal("near-duplicate", judged.Rejection?.Screen);
        Assert.Contains("nearly the one to another question", judged.Rejection?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_judged_again_measures_what_it_did()
    {
        var screen = new NearDuplicateScreen(answers);
        var (first, second) = (Questions.Trace("one", Answer), Questions.Trace("another", Answer));

        Assert.Equal([0, 1, 0, 1], new[] { first, second, first, second }.Select(trace => screen.Measure(trace).Value));
    }

    [Fact]
    public void Answers_to_one_question_may_be_alike()
    {
        var screen = new NearDuplicateScreen(answers);

        Assert.Equal(0, screen.Measure(Questions.Trace("one", Answer)).Value);
        Assert.Equal(0, screen.Measure(Questions.Trace("one", Answer, stage: "expert")).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Yes")]
    [InlineData("The answer is (B).")]
    public void Short_answers_may_be_alike(string answer)
    {
        var screen = new NearDuplicateScreen(answers);

        Assert.All(Enumerable.Range(0, 5), number => Assert.Equal(0, screen.Measure(Questions.Trace($"{number}", answer)).Value));
    }

    [Fact]
    public void What_is_rejected_stands_for_nothing()
    {
        var screen = new NearDuplicateScreen(answers);
        screen.Measure(Questions.Trace("one", Answer));
        screen.Measure(Questions.Trace("another", Answer));

        Assert.Equal(1, answers.Count);
    }

    [Fact]
    public void Answers_of_the_store_are_remembered()
    {
        var screen = new NearDuplicateScreen(answers);
        screen.Remember(Questions.Request("one"), Answer);

        Assert.Equal(0, screen.Measure(Questions.Trace("one", Answer)).Value);
        Assert.Equal(1, screen.Measure(Questions.Trace("another", Answer)).Value);
    }

    [Fact]
    public async Task Of_answers_measured_at_once_one_finds_the_other()
    {
        var screen = new NearDuplicateScreen(answers);
        var values = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Task.Run(
            () => screen.Measure(Questions.Trace($"question {number}", Answer)).Value, TestContext.Current.CancellationToken)));

        Assert.Equal(1, values.Count(value => value == 0));
    }
}
