using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Suites;

public class ContaminationTests
{
    private const string Boats =
        "Three boats leave the harbour at noon and each of them carries four sailors and two dogs. How many legs sail?";

    private const string Trains =
        "A train that is two hundred metres long passes a tunnel of one kilometre in one minute. How fast does it go?";

    private static readonly EvaluationSuite Suite = new("own", [new EvaluationTask("a", [Item(0, Boats), Item(1, Trains)])])
    {
        Canaries = ["CANARY GUID 1234"],
    };

    [Fact]
    public void A_question_that_a_lesson_shares_its_words_with_is_named_and_others_are_not()
    {
        var found = Contamination.Of(Suite, "run", [($"Solve. {Boats} Think.", "60"), ("What is 2 + 2?", "4")]);

        Assert.Equal(("run", 2, 0), (found.Lessons, found.Count, found.Canaries));
        Assert.Equal(["a/0"], found.Items.Keys);
    }

    [Fact]
    public void An_answer_that_quotes_a_question_counts_too() =>
        Assert.Equal(["a/1"], Contamination.Of(Suite, "run", [("Tell me a riddle.", $"Here is one: {Trains}")]).Items.Keys);

    [Fact]
    public void Lessons_with_the_authors_canary_are_counted() =>
        Assert.Equal(1, Contamination.Of(Suite, "run", [("x", "CANARY GUID 1234"), ("y", "z")]).Canaries);

    private static EvaluationItem Item(int row, string question) => new()
    {
        Suite = "own",
        Task = "a",
        Row = row,
        Question = question,
        Gold = ["1"],
        Kind = AnswerKind.Number,
    };
}
