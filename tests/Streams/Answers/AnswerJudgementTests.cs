using System.Collections.Immutable;
using Orca.Streams.Answers;

namespace Orca.Streams.Tests.Answers;

/// <summary>What each kind of answer counts as right, wrong and not to be told.</summary>
public sealed class AnswerJudgementTests
{
    private const string Places = "Where does a bear sleep?\nOptions:\n(A) cave\n(B) dark cave\n(C) park";

    private static AnswerVerdict Judge(string response, AnswerKind kind, string prompt, params ImmutableArray<string> golds) =>
        AnswerMatch.Judge(response, new ExpectedAnswer(kind, golds, prompt));

    [Theory]
    [InlineData("72. Because she sold 48 in April and 24 in May.", "72", AnswerVerdict.Right)]
    [InlineData("72 clips\n\nIn April it were 48, in May 24.", "72", AnswerVerdict.Right)]
    [InlineData("1. She sold 48.\n2. Then she sold 24.\n3. That makes it 72.", "72", AnswerVerdict.Right)]
    [InlineData("**Step 1:** 48 / 2 is 24.\n**Step 2:** 48 + 24 is 72", "72", AnswerVerdict.Right)]
    [InlineData("That leaves 90 clips - 18 clips = 72 clips for May.", "72", AnswerVerdict.Right)]
    [InlineData("So it is not 48 but 72.", "72", AnswerVerdict.Right)]
    [InlineData("So it is 72 rather than 48.", "72", AnswerVerdict.Right)]
    [InlineData("It earns 24 points * 2 points / answer = 48 points, so 72 in all.", "72", AnswerVerdict.Right)]
    [InlineData("{\"answer\": \"72\"}", "72", AnswerVerdict.Right)]
    [InlineData("<answer>72</answer>", "72", AnswerVerdict.Right)]
    [InlineData("The answer is 72 because 3 x 24 = 72.", "72", AnswerVerdict.Right)]
    [InlineData("One may think of 72, but the answer is unknown.", "72", AnswerVerdict.Wrong)]
    [InlineData("72 is too much. The answer is 71.", "72", AnswerVerdict.Wrong)]
    [InlineData("That cannot be told.", "72", AnswerVerdict.Wrong)]
    public void A_number(string response, string gold, AnswerVerdict verdict) =>
        Assert.Equal(verdict, Judge(response, AnswerKind.Number, "?", gold));

    [Theory]
    [InlineData("Yes, they do.", "yes", AnswerVerdict.Right)]
    [InlineData("The statement is true.", "yes", AnswerVerdict.Right)]
    [InlineData("The statement is not true.", "yes", AnswerVerdict.Wrong)]
    [InlineData("Hens have no fins. Therefore, the statement is false.", "no", AnswerVerdict.Right)]
    [InlineData("There is no doubt that hens swim. So yes.", "no", AnswerVerdict.Wrong)]
    [InlineData("The expression evaluates to **False**, as not True is False.", "False", AnswerVerdict.Right)]
    [InlineData("The argument is deductively invalid.", "valid", AnswerVerdict.Wrong)]
    [InlineData("The argument isn't logically valid.", "invalid", AnswerVerdict.Right)]
    [InlineData("The sentence is implausible, since he plays hockey.", "not plausible", AnswerVerdict.Right)]
    [InlineData("Based on what is known, no is the correct answer.", "no", AnswerVerdict.Right)]
    [InlineData("So it is not true but false.", "no", AnswerVerdict.Right)]
    [InlineData("Hens are birds. Birds are animals.", "yes", AnswerVerdict.Wrong)]
    public void Yes_or_no(string response, string gold, AnswerVerdict verdict) =>
        Assert.Equal(verdict, Judge(response, AnswerKind.YesNo, "?", gold));

    [Theory]
    [InlineData("Bears like it cold. So it is a dark cave.", "(B)", AnswerVerdict.Right)]
    [InlineData("Bears like it cold. So it is a cave.", "(B)", AnswerVerdict.Wrong)]
    [InlineData("Option A is too warm and (C) too loud, making (B) the best choice.", "dark cave", AnswerVerdict.Right)]
    [InlineData("Looking at the whole, A fits best.", "(A)", AnswerVerdict.Right)]
    [InlineData("Therefore, A.", "(A)", AnswerVerdict.Right)]
    [InlineData("The dark cave is what all this points to.", "(B)", AnswerVerdict.Right)]
    [InlineData("It is the park rather than a cave.", "(A)", AnswerVerdict.Wrong)]
    [InlineData("S = 3 and T = 4, so it is the park.", "(C)", AnswerVerdict.Right)]
    [InlineData("Both (A) and (B) may do.", "(B)", AnswerVerdict.Wrong)]
    [InlineData("Bears sleep in winter.", "(B)", AnswerVerdict.Wrong)]
    public void A_choice(string response, string gold, AnswerVerdict verdict) =>
        Assert.Equal(verdict, Judge(response, AnswerKind.MultipleChoice, Places, gold));

    [Theory]
    [InlineData("Paris", "Paris", AnswerVerdict.Right)]
    [InlineData("Paris. Because the king lived there.", "Paris", AnswerVerdict.Right)]
    [InlineData("Based on the passage, Paris is the capital.", "Paris", AnswerVerdict.Right)]
    [InlineData("The king lived there. Thus the capital is the city of Paris.", "Paris", AnswerVerdict.Right)]
    [InlineData("The capital is **Paris**, though many think of Lyon.", "Paris", AnswerVerdict.Right)]
    [InlineData("The answer is Lyon. Paris is the largest town.", "Paris", AnswerVerdict.Wrong)]
    [InlineData("It is Lyon rather than Paris.", "Paris", AnswerVerdict.Wrong)]
    [InlineData("Sentiment: very positive", "positive", AnswerVerdict.Wrong)]
    [InlineData("Sentiment: positive", "very positive", AnswerVerdict.Wrong)]
    [InlineData("It is not positive.", "positive", AnswerVerdict.Wrong)]
    [InlineData("1980 summer olympics", "1976 summer olympics", AnswerVerdict.Wrong)]
    [InlineData("Canadian Dollar", "Australian Dollar", AnswerVerdict.Wrong)]
    [InlineData("muscle", "muscles", AnswerVerdict.Right)]
    [InlineData("Andorra", "Andorra la Vella", AnswerVerdict.Undecided)]
    [InlineData("The answer is water vapor.", "water", AnswerVerdict.Undecided)]
    [InlineData("The king lived in old Paris streets, as all say. Now it is elsewhere. Who knows.", "Paris", AnswerVerdict.Undecided)]
    [InlineData("I do not know.", "Paris", AnswerVerdict.Wrong)]
    public void A_short_text(string response, string gold, AnswerVerdict verdict) =>
        Assert.Equal(verdict, Judge(response, AnswerKind.ShortText, "?", gold));

    [Theory]
    [InlineData("Sort: bee ant cat", "So the answer is ant, bee, cat.", "ant bee cat", AnswerVerdict.Right)]
    [InlineData("Sort: bee ant cat", "The final answer is:\n\n1. ant\n2. bee\n3. cat", "ant bee cat", AnswerVerdict.Right)]
    [InlineData("Sort: bee ant cat", "Answer:\n- ant\n- bee\n- cat", "ant bee cat", AnswerVerdict.Right)]
    [InlineData("Sort: bee ant cat", "ant bee cat because a comes first", "ant bee cat", AnswerVerdict.Right)]
    [InlineData("Sort: bee ant cat", "ant cat bee", "ant bee cat", AnswerVerdict.Wrong)]
    [InlineData("Sort: bee ant cat", "ant bee", "ant bee cat", AnswerVerdict.Wrong)]
    [InlineData("Sort: bee ant cat", "ant bee cat", "bee cat", AnswerVerdict.Wrong)]
    [InlineData("Sort: bee ant cat", "Putting this together, we arrive at ant bee cat.", "ant bee cat", AnswerVerdict.Right)]
    [InlineData("Close it: ( [ {", "So we need \"}\", \"]\", \")\". So the answer is } ] ).", "} ] )", AnswerVerdict.Right)]
    [InlineData("Close it: ( [ {", "}])", "} ] )", AnswerVerdict.Right)]
    [InlineData("Close it: ( [ {", "The answer is } ) ]", "} ] )", AnswerVerdict.Wrong)]
    [InlineData("Normalise it", "[0.50, 1, 2.0]", "[ 0.5  1.0  2. ]", AnswerVerdict.Right)]
    [InlineData("Normalise it", "[1, 0.5, 2]", "[ 0.5  1.0  2. ]", AnswerVerdict.Wrong)]
    [InlineData("Who plays in it?", "Bo Ek, Al Oz and Cy Fu.", "Al Oz, Bo Ek, Cy Fu", AnswerVerdict.Right)]
    [InlineData("Who plays in it?", "Al Oz, Bo Ek", "Al Oz, Bo Ek, Cy Fu", AnswerVerdict.Undecided)]
    [InlineData("Who plays in it?", "Al Oz, Di Gu, Ed Hy", "Al Oz, Bo Ek, Cy Fu", AnswerVerdict.Wrong)]
    public void A_list(string prompt, string response, string gold, AnswerVerdict verdict) =>
        Assert.Equal(verdict, Judge(response, AnswerKind.List, prompt, gold));

    [Theory]
    [InlineData("What did they sing?", AnswerVerdict.Right)]
    [InlineData("Which song was it?", AnswerVerdict.Undecided)]
    public void Free_text_is_right_or_cannot_be_told(string response, AnswerVerdict verdict) =>
        Assert.Equal(verdict, Judge(response, AnswerKind.FreeText, "?", "what did they sing"));

    [Fact]
    public void The_best_that_any_gold_answer_makes_of_it_counts()
    {
        Assert.Equal(AnswerVerdict.Right, Judge("Paris", AnswerKind.ShortText, "?", "Lyon", "Paris"));
        Assert.Equal(AnswerVerdict.Undecided, Judge("Andorra", AnswerKind.ShortText, "?", "Lyon", "Andorra la Vella"));
        Assert.Equal(AnswerVerdict.Undecided, Judge("Paris", AnswerKind.ShortText, "?"));
    }

    [Theory]
    [InlineData("yes", "yes")]
    [InlineData("plausible", "not plausible")]
    [InlineData("no", "no")]
    public void An_answer_that_is_the_whole_of_a_verdict_is_compared_within_its_bounds(string response, string gold) =>
        Assert.Equal(response == gold, AnswerMatch.IsRight(response, new ExpectedAnswer(AnswerKind.Exact, [gold], "?")));
}
