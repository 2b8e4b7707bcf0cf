namespace Orca.Streams.Tests.Screening;

/// <summary>What the screens find among answers labelled before they were written (Labels/README.md).</summary>
public sealed class ScreenPrecisionTests
{
    [Theory]
    [InlineData("refusal", "refusal", "development")]
    [InlineData("refusal", "refusal", "final")]
    [InlineData("language", "foreign", "development")]
    [InlineData("language", "foreign", "final")]
    [InlineData("repetition", "loop", "development")]
    [InlineData("repetition", "loop", "final")]
    public void Both_halves_hold_enough_of_either_kind(string screen, string fault, string half)
    {
        var answers = LabelledAnswers.Read(screen, half);

        Assert.InRange(answers.Count(answer => answer.Label == fault), 40, 60);
        Assert.InRange(answers.Count(answer => answer.Label != fault), 200, 300);
        Assert.All(answers, answer => Assert.NotEmpty(answer.Trace.Request.Query.Prompt));
    }
}
