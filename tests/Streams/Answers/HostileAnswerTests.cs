using System.Collections.Immutable;
using System.Text;
using Orca.Streams.Answers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Answers;

/// <summary>
/// Whatever a response or a question holds, it is compared without an error, and a long one in time that grows with its length.
/// </summary>
public sealed class HostileAnswerTests
{
    private const int Million = 1 << 20;
    private const int Long = 1 << 16;
    private const int VeryLong = 1 << 17;

    private static readonly string[] Golds =
    [
        "", " ", "7", "-0.5", "9/0.0000000000000000000000000001", "1/0", "(B)", "B", "yes", "not plausible", "Paris", "the",
        "very positive", "ant bee cat",
        "] ) }", "[1 2 3]", "a, b, c", "a; b", "\0", "\ud800", "\u200f", ".", "What is it?", new('9', 200), new('(', 200),
    ];

    public static TheoryData<string> Repeated =>
    [
        "(", "A)", "(A) ", "(A", "answer is ", "the answer is not ", "Answer: .\n", "Answer:\n", "answer ", "answer\n", " ", "\n", "*",
        "**", "**a", "#### ", "\\boxed{",
        "\\boxed{}", "\\frac{", "\\frac{1}{2", "\\text{", "<answer>", "\"answer\": \"", "\"answer\": \"a\" ", "9", "9,", "1,000", ",000",
        "0.", ".5", "1/", "1 / ", "-", "=", "$",
        "not but ", "not ", "not a ", "a rather than ", "rather than ", "I would say ", "it is ", "that makes it ", " fits best",
        " is the answer", "yes ", "no, ", "is not ",
        "is true ", "so ", "so, ", "Step 1: ", "a.", "A. ", "A.", "a. ", "a, ", "; ", "a and ", "- a\n", "1. a\n", "-\n", "Options:\n",
        "options ", "options \t", "I. ", "[1 ",
        "] ", "> ", "\"", "'", "’", "a’", "\ud800", "\u0301", "\0", "word ", "very ", "label: ", "label:", "Output: a\n", "best ",
        "final  ", "right   answer   ",
    ];

    [Theory, MemberData(nameof(Repeated))]
    public void A_long_text_of_one_kind_is_compared(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, Long / piece.Length).ToString();
        foreach (var (kind, gold) in TextReaders.Golds)
        {
            Judge(text, kind, gold, "Sort these: ant bee\nOptions:\n(A) 5\n(B) 7");
        }

        Judge($"The answer is 7. {text}", AnswerKind.Number, "7", text);
        Judge($"{text} The answer is 7.", AnswerKind.MultipleChoice, "7", text);
        Judge("The answer is 7.", AnswerKind.List, text, text);
        _ = AnswerForm.KindOf(text, [text]);
        _ = AnswerForm.KindOfTask(text, [["7"], [text]]);
    }

    [Theory]
    [InlineData("(", VeryLong)]
    [InlineData("A)", VeryLong)]
    [InlineData("answer is ", VeryLong)]
    [InlineData("9", VeryLong)]
    [InlineData("\\boxed{", VeryLong)]
    [InlineData("A)", Million, Explicit = true)]
    [InlineData("answer is ", Million, Explicit = true)]
    [InlineData("\\boxed{", Million, Explicit = true)]
    public void A_text_of_very_many_characters_is_compared_at_once(string piece, int length)
    {
        var text = new StringBuilder().Insert(0, piece, length / piece.Length).ToString();
        Patience.OfFiveSeconds(() =>
        {
            foreach (var kind in Enum.GetValues<AnswerKind>())
            {
                Judge(text, kind, "yes", text);
            }
        });
    }

    [Fact]
    public void Every_gold_answer_is_compared_with_every_other()
    {
        foreach (var response in Golds)
        {
            foreach (var gold in Golds)
            {
                foreach (var kind in Enum.GetValues<AnswerKind>())
                {
                    Judge(response, kind, gold, gold);
                }
            }
        }
    }

    [Theory]
    [InlineData("The answer is 9/0.0000000000000000000000000001")]
    [InlineData("The answer is 1/0")]
    [InlineData("The answer is 79228162514264337593543950336")]
    [InlineData("The answer is -79228162514264337593543950336/3")]
    [InlineData("The answer is 0.00000000000000000000000000000000000001")]
    public void Numbers_beyond_what_is_computed_with_are_no_error_and_not_right(string response) => Assert.Equal(
        AnswerVerdict.Wrong, AnswerMatch.Judge(response, new ExpectedAnswer(AnswerKind.Number, ["7"], "?")));

    [Fact]
    public void A_number_of_a_million_digits_is_itself()
    {
        var digits = new string('9', Million);

        Assert.Equal(digits, AnswerExtractor.Extract(digits, AnswerKind.Number));
        Assert.Equal(AnswerVerdict.Wrong, AnswerMatch.Judge(digits, new ExpectedAnswer(AnswerKind.Number, ["7"], "?")));
    }

    private static void Judge(string response, AnswerKind kind, string gold, string prompt)
    {
        _ = response.Length < 1000 ? AnswerExtractor.Extract(response, kind) : null;
        _ = AnswerMatch.Judge(response, new ExpectedAnswer(kind, [gold], prompt));
    }
}
