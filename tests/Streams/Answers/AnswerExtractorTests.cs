using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Answers;

public sealed class AnswerExtractorTests
{
    [Theory]
    [InlineData("So the answer is 7.", "7")]
    [InlineData("The answer is 72", "72")]
    [InlineData("The answer is: 72.", "72")]
    [InlineData("**Answer:** 72", "72")]
    [InlineData("Answer: $72", "$72")]
    [InlineData("Final answer = 3.5 litres", "3.5")]
    [InlineData("Natalia sold 48/2 = 24 clips.\n#### 72", "72")]
    [InlineData("So we get $\\boxed{72}$.", "72")]
    [InlineData("\\boxed{\\frac{3}{4}}", "3/4")]
    [InlineData("So the answer is 3 apples", "3")]
    [InlineData("The answer is 1,234,567 people.", "1,234,567")]
    [InlineData("The answer is $1,234.50.", "$1,234.50")]
    [InlineData("The answer is 40%.", "40")]
    [InlineData("The answer is -5.", "-5")]
    [InlineData("The answer is 3/4 of a cake", "3/4")]
    [InlineData("The answer is 3 + 4 = 7 apples.", "7")]
    [InlineData("The correct answer would be 12, since 3 x 4 = 12 and not 13.", "12")]
    [InlineData("He had 5, lost 3 and so has 2.", "2")]
    [InlineData("First the answer is 3. No wait, the answer is 4.", "4")]
    [InlineData("The result is **42**, as 6 times 7 shows in step 2", "42")]
    [InlineData("The answer is seven.", "seven")]
    [InlineData("42", "42")]
    [InlineData("10-3 leaves 7", "7")]
    [InlineData("The final answer to the question is\n\n19", "19")]
    [InlineData("I do not know.", null)]
    [InlineData("", null)]
    public void A_number_is_found(string response, string? answer) =>
        Assert.Equal(answer, AnswerExtractor.Extract(response, AnswerKind.Number));

    [Theory]
    [InlineData("The answer is (B).", "B")]
    [InlineData("So the answer is B.", "B")]
    [InlineData("Answer: B", "B")]
    [InlineData("A: (C)", "C")]
    [InlineData("**Answer: (D) Paris**", "D")]
    [InlineData("**B**", "B")]
    [InlineData("(B) Paris", "B")]
    [InlineData("B) Paris", "B")]
    [InlineData("B. Paris is the capital.", "B")]
    [InlineData("b", "B")]
    [InlineData("$\\boxed{C}$", "C")]
    [InlineData("\\boxed{\\text{C}}", "C")]
    [InlineData("The correct option is (C).", "C")]
    [InlineData("The best choice is C, because it is warm.", "C")]
    [InlineData("The correct answer is option D.", "D")]
    [InlineData("I would go with option (E).", "E")]
    [InlineData("Option B is correct.", "B")]
    [InlineData("(A) is wrong, (B) is too big. (C) is correct.", "C")]
    [InlineData("The answer is not (A) but (B).", "B")]
    [InlineData("The answer is A because it rains.", "A")]
    [InlineData("The answer is A.", "A")]
    [InlineData("The answer is a lamp.", "a lamp")]
    [InlineData("The answer is A lamp.", "A lamp")]
    [InlineData("The answer is \"bloody mess\".", "bloody mess")]
    [InlineData("Answer: bloody mess", "bloody mess")]
    [InlineData("bedroom", "bedroom")]
    [InlineData("Considering all this, (B) fits.", "B")]
    [InlineData("Based on the passage, one cannot tell which of them all it might be, I am afraid to say so.", null)]
    [InlineData("As an AI language model, I cannot decide between all of these options for you, I am sorry.", null)]
    [InlineData("Either (A) or (B) might do, and it is hard to say which of the two would do better here.", null)]
    [InlineData("Choosing (A) first, then reading on, I see that the answer is (D).", "D")]
    [InlineData("The answer is I", "I")]
    [InlineData("The answer is I think unclear", "I think unclear")]
    public void An_option_is_found_by_letter_or_text(string response, string? answer) =>
        Assert.Equal(answer, AnswerExtractor.Extract(response, AnswerKind.MultipleChoice));

    [Theory]
    [InlineData("So the answer is yes.", "yes")]
    [InlineData("So the answer is not plausible.", "not plausible")]
    [InlineData("So the answer is True", "True")]
    [InlineData("Yes, they could.", "Yes")]
    [InlineData("**No**, since a hen is no fish.", "No")]
    [InlineData("No. Hens do not swim. They would not like it in the least. It would be too cold for them.", "No")]
    [InlineData("So the answer is ] ) }.", "] ) }")]
    [InlineData("So the answer is 3 May.", "3 May")]
    [InlineData("So the answer is bird cat door.", "bird cat door")]
    [InlineData("The answer is `on`.", "on")]
    [InlineData("Answer: No. The lamp is off.", "No")]
    [InlineData("\\boxed{\\text{yes}}", "yes")]
    [InlineData("The lamp was flipped twice.\nFinal Answer: off", "off")]
    [InlineData("The final answer - off", "off")]
    [InlineData("off", "off")]
    [InlineData("All things said and done here, what remains of this whole matter is that it is **off**", "off")]
    [InlineData("There is no way of telling how all of this turned out for each of those concerned.", null)]
    public void A_short_form_is_found(string response, string? answer) =>
        Assert.Equal(answer, AnswerExtractor.Extract(response, AnswerKind.Exact));

    [Theory]
    [InlineData("What did they sing?", "What did they sing?")]
    [InlineData("We are asked for a question. The answer is: What did they sing?", "What did they sing?")]
    [InlineData(" Two\nlines ", "Two\nlines")]
    public void Free_text_is_the_response_or_what_it_states(string response, string answer) =>
        Assert.Equal(answer, AnswerExtractor.Extract(response, AnswerKind.FreeText));

    [Fact]
    public void The_answers_of_real_worked_examples_are_found()
    {
        var folder = SharedData.Require("bbh/cot-prompts");
        var solved = Directory.GetFiles(folder, "*.txt")
            .SelectMany(file => File.ReadAllText(file).Split("A: Let's think step by step.").Skip(1)).ToArray();
        Assert.True(solved.Length > 60);
        foreach (var text in solved.Select(solution => solution.Split("\n\nQ:")[0].Trim()))
        {
            var stated = text[(text.LastIndexOf("the answer is", StringComparison.Ordinal) + "the answer is".Length)..].Trim(' ', '.', ':');
            var kind = stated.StartsWith('(') && stated.Length == 3 ? AnswerKind.MultipleChoice : AnswerKind.Exact;
            Assert.Equal(kind == AnswerKind.MultipleChoice ? stated[1..2] : stated, AnswerExtractor.Extract(text, kind));
        }
    }
}
