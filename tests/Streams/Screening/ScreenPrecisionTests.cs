using Orca.Streams.Screening;

namespace Orca.Streams.Tests.Screening;

/// <summary>
/// What the screens find among answers that were labelled before the screens were written (Labels/README.md), with their own limits.
/// The output says which labelled answers they take for the other kind.
/// </summary>
public sealed class ScreenPrecisionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("development")]
    [InlineData("final")]
    public void Nineteen_of_twenty_refusals_are_found_and_nineteen_of_twenty_found_are_refusals(string half) =>
        FindsWell(new RefusalScreen(), "refusal", half);

    [Theory]
    [InlineData("development")]
    [InlineData("final")]
    public void Nineteen_of_twenty_answers_in_other_languages_are_found_and_as_many_found_are(string half) =>
        FindsWell(new LanguageScreen(), "foreign", half);

    [Theory]
    [InlineData("development")]
    [InlineData("final")]
    [InlineData("fresh")]
    public void Nineteen_of_twenty_loops_are_found_and_nineteen_of_twenty_found_are_loops(string half) =>
        FindsWell(new RepetitionScreen(), "loop", half);

    private void FindsWell(IScreen screen, string fault, string half)
    {
        var answers = LabelledAnswers.Read(screen.Name, half)
            .Select(answer => (Answer: answer, screen.Measure(answer.Trace).Value, IsFault: answer.Label == fault)).ToArray();
        var found = answers.Where(each => each.Value > screen.DefaultLimit).ToArray();
        foreach (var wrong in answers.Where(each => each.IsFault != each.Value > screen.DefaultLimit))
        {
            output.WriteLine($"{wrong.Answer.Label} at {wrong.Answer.Place} ({wrong.Answer.Kind}) measures {wrong.Value:f2}");
        }

        double faults = answers.Count(each => each.IsFault);
        double right = found.Count(each => each.IsFault);
        output.WriteLine($"{screen.Name}, {half}: {right} of {faults} found, {found.Length - right} of {answers.Length - faults} others too");
        Assert.True(faults >= 40 && answers.Length - faults >= 200);
        Assert.InRange(right / found.Length, 0.95, 1);
        Assert.InRange(right / faults, 0.95, 1);
    }
}
