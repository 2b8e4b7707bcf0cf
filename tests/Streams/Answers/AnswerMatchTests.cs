using System.Collections.Immutable;
using Orca.Streams.Answers;

namespace Orca.Streams.Tests.Answers;

public sealed class AnswerMatchTests
{
    private const string Capitals = "Which is the capital of France?\nOptions:\n(A) Rome\n(B) Paris\n(C) A town";

    private static bool IsRight(string response, AnswerKind kind, string gold, string prompt = "?") =>
        AnswerMatch.IsRight(response, Expected(kind, prompt, gold));

    private static ExpectedAnswer Expected(AnswerKind kind, string prompt, params ImmutableArray<string> gold) => new(kind, gold, prompt);

    [Theory]
    [InlineData("The answer is 72.", "72", true)]
    [InlineData("The answer is 72.0 clips.", "72", true)]
    [InlineData("The answer is $1,234.50", "1234.5", true)]
    [InlineData("The answer is 3/4", "0.75", true)]
    [InlineData("The answer is seven", "7", true)]
    [InlineData("The answer is 40%", "40", true)]
    [InlineData("The answer is -5", "5", false)]
    [InlineData("The answer is 720", "72", false)]
    [InlineData("72 is close, but the answer is 71.", "72", false)]
    [InlineData("The answer is 1/0", "0", false)]
    [InlineData("The answer is 9/0.0000000000000000000000000001", "9", false)]
    [InlineData("The answer is 9", "9/0.0000000000000000000000000001", false)]
    [InlineData("No idea", "72", false)]
    [InlineData("The answer is none", "none", false)]
    public void Numbers_are_compared_by_value(string response, string gold, bool right) =>
        Assert.Equal(right, IsRight(response, AnswerKind.Number, gold));

    [Theory]
    [InlineData("The answer is (B).", "(B)", true)]
    [InlineData("The answer is (B).", "B", true)]
    [InlineData("The answer is (B).", "Paris", true)]
    [InlineData("The answer is Paris.", "(B)", true)]
    [InlineData("Paris", "(B)", true)]
    [InlineData("The answer is (B) Paris.", "Paris", true)]
    [InlineData("The answer is a town.", "(C)", true)]
    [InlineData("The answer is (A).", "(B)", false)]
    [InlineData("Based on the map, hard to tell for anybody who has never been there and has not asked.", "(B)", false)]
    public void Options_are_compared_by_letter_or_text(string response, string gold, bool right) =>
        Assert.Equal(right, IsRight(response, AnswerKind.MultipleChoice, gold, Capitals));

    [Fact]
    public void Unlettered_options_are_compared_by_text()
    {
        const string prompt = "Light a candle where?\\nOptions:\\n- dimly lit room\\n- bedroom";
        Assert.True(IsRight("The answer is bedroom.", AnswerKind.MultipleChoice, "bedroom", prompt));
        Assert.True(IsRight("The answer is (B).", AnswerKind.MultipleChoice, "bedroom", prompt));
        Assert.False(IsRight("The answer is dimly lit room.", AnswerKind.MultipleChoice, "bedroom", prompt));
    }

    [Theory]
    [InlineData("So the answer is Yes.", "yes", true)]
    [InlineData("The answer is yes, they could.", "yes", true)]
    [InlineData("No, they could not.", "no", true)]
    [InlineData("The answer is not plausible.", "not plausible", true)]
    [InlineData("The answer is not plausible.", "plausible", false)]
    [InlineData("Nothing is known.", "no", false)]
    [InlineData("So the answer is ])}.", "] ) }", true)]
    [InlineData("So the answer is ] )", "] ) }", false)]
    [InlineData("So the answer is bird, cat, door.", "bird cat door", true)]
    [InlineData("So the answer is bird door cat.", "bird cat door", false)]
    [InlineData("So the answer is true", "True", true)]
    public void Short_forms_are_compared_after_folding(string response, string gold, bool right) =>
        Assert.Equal(right, IsRight(response, AnswerKind.Exact, gold));

    [Theory]
    [InlineData("  what did THEY sing", "What did they sing?", true)]
    [InlineData("The answer is: What did they sing?", "What did they sing?", true)]
    [InlineData("What did they sing? And when?", "What did they sing?", false)]
    public void Free_text_is_compared_after_folding(string response, string gold, bool right) =>
        Assert.Equal(right, IsRight(response, AnswerKind.FreeText, gold));

    [Fact]
    public void Any_of_several_gold_answers_will_do() =>
        Assert.True(AnswerMatch.IsRight("off", Expected(AnswerKind.Exact, "?", "on", "off")));

    [Fact]
    public void A_question_without_gold_answers_has_no_right_response() =>
        Assert.False(AnswerMatch.IsRight("off", Expected(AnswerKind.Exact, "?")));
}
