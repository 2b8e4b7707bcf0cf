using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Protocols;

public class ProtocolTests
{
    private static readonly EvaluationItem Lettered = new()
    {
        Suite = "agieval",
        Task = "sat-math",
        Row = 3,
        Passage = "P.",
        Question = "What is x?",
        Choices = ["(A)2", "(B)4", "(C)9", "(D)10"],
        Gold = ["D"],
        Kind = AnswerKind.MultipleChoice,
    };

    private static readonly EvaluationItem Listed = new()
    {
        Suite = "bbh",
        Task = "navigate",
        Row = 0,
        Question = "Do you return?\nOptions:\n- Yes\n- No",
        Gold = ["Yes"],
        Kind = AnswerKind.YesNo,
    };

    private static EvaluationTask TaskOf(EvaluationItem item) =>
        new(item.Task, [item]) { Description = "Say whether.", Examples = "Q: one\nA: So the answer is No." };

    [Fact]
    public void The_paper_asks_in_agieval_s_form_with_an_empty_system_message_at_0_7()
    {
        var prompt = new PaperProtocol().Ask(Lettered, TaskOf(Lettered), new ProtocolOptions(), 0);

        Assert.Equal(
            "P.Q: What is x? Answer Choices: (A)2 (B)4 (C)9 (D)10\nA: Among A through D, the answer is", prompt.Text);
        Assert.Equal(("", 0.7, false), (prompt.SystemMessage, prompt.Temperature, prompt.IsRaw));
    }

    [Fact]
    public void The_harness_completes_raw_text_with_its_stops_and_ranks_choices_that_are_published_apart()
    {
        var harness = new HarnessProtocol();

        var completed = harness.Ask(Listed, TaskOf(Listed), new ProtocolOptions(), 0);
        var ranked = harness.Ask(Lettered, TaskOf(Lettered), new ProtocolOptions(), 0);

        Assert.Equal("Say whether.\n\nQ: Do you return?\nOptions:\n- Yes\n- No\nA:", completed.Text);
        Assert.Equal(["</s>", "Q:", "\n\n"], completed.Stops);
        Assert.True(completed.IsRaw);
        Assert.Equal([" (A)2", " (B)4", " (C)9", " (D)10"], ranked.Continuations);
    }

    [Fact]
    public void Robust_asks_the_question_as_it_stands_and_takes_the_likeliest_answer()
    {
        var prompt = new RobustProtocol().Ask(Lettered, TaskOf(Lettered), new ProtocolOptions { SystemMessage = "Explain." }, 0);

        Assert.Equal("P.\n\nWhat is x?\n(A)2\n(B)4\n(C)9\n(D)10", prompt.Text);
        Assert.Equal(("Explain.", 0.0), (prompt.SystemMessage, prompt.Temperature));
    }

    [Fact]
    public void Examples_and_chain_of_thought_are_options()
    {
        var options = new ProtocolOptions { HasExamples = true, IsChainOfThought = true };

        Assert.Equal(
            "Q: one\nA: So the answer is No.\n\nDo you return?\nOptions:\n- Yes\n- No\nLet's think step by step.",
            new RobustProtocol().Ask(Listed, TaskOf(Listed), options, 0).Text);
    }

    [Fact]
    public void An_option_that_a_protocol_has_no_place_for_is_named_and_not_left_out_in_silence()
    {
        var (messaged, explained) = (new ProtocolOptions { SystemMessage = "Explain." }, new ProtocolOptions { HasExamples = true });

        Assert.Contains("'harness'", new HarnessProtocol().Fault(messaged));
        Assert.Contains("'paper'", new PaperProtocol().Fault(explained));
        Assert.Equal((null, null), (new HarnessProtocol().Fault(explained), new PaperProtocol().Fault(messaged)));
        Assert.Equal((null, null), (((IProtocol)new RobustProtocol()).Fault(explained), ((IProtocol)new RobustProtocol()).Fault(messaged)));
    }

    [Fact]
    public void Only_the_harness_stops_an_answer_at_an_empty_line()
    {
        foreach (var protocol in ProtocolNames.All)
        {
            var prompt = protocol.Ask(Listed, TaskOf(Listed), new ProtocolOptions(), 0);
            Assert.Equal(protocol is HarnessProtocol, prompt.Stops.Contains("\n\n"));
        }
    }

    [Fact]
    public void A_blank_more_is_another_prompt()
    {
        var prompt = new RobustProtocol().Ask(Listed, TaskOf(Listed), new ProtocolOptions(), 0);

        Assert.NotEqual(prompt.Hash, (prompt with { Text = prompt.Text + " " }).Hash);
        Assert.Equal(prompt.Hash, (prompt with { }).Hash);
    }

    [Fact]
    public void Each_sample_of_each_question_has_a_seed_of_its_own()
    {
        var protocol = new PaperProtocol();

        var seeds = Enumerable.Range(0, 5).Select(repeat => protocol.Ask(Listed, TaskOf(Listed), new ProtocolOptions(), repeat).Seed);

        Assert.Equal(5, seeds.Distinct().Count());
    }

    [Theory]
    [InlineData("Answer: C", "A", false)]
    [InlineData("Based on the passage, the answer is (A).", "B", false)]
    [InlineData("C", "C", true)]
    [InlineData("the answer is (C)", "C", true)]
    [InlineData("none of it", null, false)]
    public void The_paper_s_rule_takes_the_first_capital_letter(string response, string? answer, bool isRight) =>
        Assert.Equal(new Reading(answer, isRight), new PaperProtocol().Read(response, Expecting("(C)")));

    [Theory]
    [InlineData("Answer: C", "C", true)]
    [InlineData("Based on the passage, the answer is (C).", "C", true)]
    [InlineData("<think>It may be (C).</think>The answer is (B).", "B", false)]
    [InlineData("<think>The answer is (C)", null, false)]
    [InlineData("I do not know.", null, false)]
    public void The_robust_rule_understands_explanations_and_leaves_reasoning_aside(string response, string? answer, bool isRight) =>
        Assert.Equal(new Reading(answer, isRight), new RobustProtocol().Read(response, Expecting("(C)")));

    [Theory]
    [InlineData(" (C)", "(C)", true)]
    [InlineData("So the answer is (C).", "(C)", true)]
    [InlineData("C", "C", true)]
    [InlineData("First of all", "First of all", false)]
    [InlineData("", null, false)]
    public void The_harness_matches_exactly_what_its_filter_finds(string response, string? answer, bool isRight) =>
        Assert.Equal(new Reading(answer, isRight), new HarnessProtocol().Read(response, Expecting("(C)")));

    private static ExpectedAnswer Expecting(string gold) =>
        new(AnswerKind.MultipleChoice, ImmutableArray.Create(gold), "Which?\nOptions:\n(A) x\n(B) y\n(C) z");
}
