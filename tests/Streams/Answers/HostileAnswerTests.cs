using System.Collections.Immutable;
using System.Text;
using Orca.Streams.Answers;

namespace Orca.Streams.Tests.Answers;

/// <summary>Whatever a response or a question holds, it is compared without an error, and a long one in time that grows with its length.</summary>
public sealed class HostileAnswerTests
{
    private const int Million = 1 << 20;
    private const int Long = 1 << 16;

    private static readonly string[] Pieces =
    [
        "the answer is ", "Answer:", "answer", "is", " ", "  ", "\n", "\n\n", "####", "(A)", "A)", "(", ")", "[", "]", "{", "}", "<", ">", "**", "*",
        "_", "`", "\"", "'", "’", "\\boxed{", "\\frac{", "\\text{", "\\", "$", "%", "<answer>", "</answer>", "\"answer\": \"", "not", "but", "yes",
        "No", "true", "very", "the", "Therefore, ", "So ", "because ", "rather than ", "I would say ", "fits best", "is the answer", "Options:", "- ",
        "1. ", "2) ", "7", "-", "−", ".", ",", ";", ":", "!", "?", "/", "=", "0.0000000000000000000000000001", "99999999999999999999999999999999",
        "1,000", "1,00", "Paris", "ant", "bee", "é", "\u00a0", "\u200f", "\0", "\ud800", "\udc00", "😀", "中", "\u0301", "\t", "\r",
    ];

    private static readonly string[] Golds =
    [
        "", " ", "7", "-0.5", "9/0.0000000000000000000000000001", "1/0", "(B)", "B", "yes", "not plausible", "Paris", "the", "very positive", "ant bee cat",
        "] ) }", "[1 2 3]", "a, b, c", "a; b", "\0", "\ud800", "\u200f", ".", "What is it?", new('9', 200), new('(', 200),
    ];

    public static TheoryData<string> Repeated =>
    [
        "(", "A)", "(A) ", "(A", "answer is ", "the answer is not ", "Answer: .\n", "Answer:\n", "answer ", "answer\n", " ", "\n", "*", "**", "**a", "#### ", "\\boxed{",
        "\\boxed{}", "\\frac{", "\\frac{1}{2", "\\text{", "<answer>", "\"answer\": \"", "\"answer\": \"a\" ", "9", "9,", "1,000", ",000", "0.", ".5", "1/", "1 / ", "-", "=", "$",
        "not but ", "not ", "not a ", "a rather than ", "rather than ", "I would say ", "it is ", "that makes it ", " fits best", " is the answer", "yes ", "no, ", "is not ",
        "is true ", "so ", "so, ", "Step 1: ", "a.", "A. ", "A.", "a. ", "a, ", "; ", "a and ", "- a\n", "1. a\n", "-\n", "Options:\n", "options ", "options \t", "I. ", "[1 ",
        "] ", "> ", "\"", "'", "’", "a’", "\ud800", "\u0301", "\0", "word ", "very ", "label: ", "label:", "Output: a\n", "best ", "final  ", "right   answer   ",
    ];

    [Theory, MemberData(nameof(Repeated))]
    public void A_long_text_of_one_kind_is_compared(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, Long / piece.Length).ToString();
        foreach (var (kind, gold) in OfEachKind)
        {
            Judge(text, kind, gold, "Sort these: ant bee\nOptions:\n(A) 5\n(B) 7");
        }

        Judge($"The answer is 7. {text}", AnswerKind.Number, "7", text);
        Judge($"{text} The answer is 7.", AnswerKind.MultipleChoice, "7", text);
        Judge("The answer is 7.", AnswerKind.List, text, text);
        _ = AnswerForm.KindOf(text, [text]);
        _ = AnswerForm.KindOfTask(text, [["7"], [text]]);
    }

    [Theory, InlineData("("), InlineData("A)"), InlineData("answer is "), InlineData("9"), InlineData("\\boxed{")]
    public void A_million_characters_are_compared(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, Million / piece.Length).ToString();
        foreach (var kind in Enum.GetValues<AnswerKind>())
        {
            Judge(text, kind, "yes", text);
        }
    }

    [Fact]
    public void A_hundred_thousand_random_texts_are_compared()
    {
        var random = new Random(7);
        for (var i = 0; i < 100_000; i++)
        {
            var (response, prompt) = (Text(random, 12), Text(random, 6));
            var gold = random.Next(3) == 0 ? Text(random, 4) : Golds[random.Next(Golds.Length)];
            foreach (var kind in Enum.GetValues<AnswerKind>())
            {
                Judge(response, kind, gold, prompt);
            }

            _ = AnswerForm.KindOf(prompt, [gold, response]);
            _ = AnswerForm.KindOfTask(prompt, [[gold], [response]]);
        }
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

    internal static IEnumerable<(AnswerKind Kind, string Gold)> OfEachKind =>
    [
        (AnswerKind.FreeText, "7"), (AnswerKind.Number, "7"), (AnswerKind.MultipleChoice, "(B)"), (AnswerKind.MultipleChoice, "7"), (AnswerKind.Exact, "yes"),
        (AnswerKind.YesNo, "yes"), (AnswerKind.ShortText, "Paris"), (AnswerKind.ShortText, "very good"), (AnswerKind.ShortText, "."), (AnswerKind.List, "ant bee"),
        (AnswerKind.List, "] )"), (AnswerKind.List, "a, b, c"), (AnswerKind.List, "[1 2]"),
    ];

    private static void Judge(string response, AnswerKind kind, string gold, string prompt)
    {
        _ = response.Length < 1000 ? AnswerExtractor.Extract(response, kind) : null;
        _ = AnswerMatch.Judge(response, new ExpectedAnswer(kind, [gold], prompt));
    }

    private static string Text(Random random, int most)
    {
        var text = new StringBuilder();
        for (var i = random.Next(most + 1); i > 0; i--)
        {
            text.Append(random.Next(8) == 0 ? (char)random.Next(char.MaxValue + 1) : Pieces[random.Next(Pieces.Length)]);
        }

        return text.ToString();
    }
}
