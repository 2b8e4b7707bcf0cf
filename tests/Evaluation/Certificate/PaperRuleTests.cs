using Orca.Evaluation.Certificate;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Tests.Certificate;

/// <summary>The rules of published figures, and what they make of answers that the extractor reads rightly.</summary>
public sealed class PaperRuleTests
{
    private static readonly Lazy<ExtractorCertificate> Issued = new(() => ExtractorCertificate.Issue(CertificateFixture.Load()));

    [Theory]
    [InlineData("B", 'B')]
    [InlineData("(C) Nice", 'C')]
    [InlineData("**A**nswer: C", 'A')]
    [InlineData("**B**ased on this, D", 'B')]
    [InlineData("the answer is c", null)]
    [InlineData("The answer is C", 'C')]
    [InlineData("", null)]
    public void The_first_capital_letter_of_an_option_is_taken(string response, char? option) =>
        Assert.Equal(option, PaperRule.FirstCapital(response));

    [Fact]
    public void With_all_letters_options_the_first_capital_is_taken_whatever_it_is() =>
        Assert.Equal('T', PaperRule.FirstCapital("The answer is C", 'Z'));

    [Theory]
    [InlineData("The answer is C.", 'C')]
    [InlineData("The answer is not B but C.", 'B')]
    [InlineData("An answer is due.\nThe answer is (G).", 'G')]
    [InlineData("The answer is\nC", 'C')]
    [InlineData("Best: F", 'B')]
    [InlineData("So G", null)]
    [InlineData("The correct option is (C). As said, the answer is plain: D", 'D')]
    [InlineData("**A**nswer: C", 'A')]
    public void AGIEvals_scorer_takes_a_letter_behind_answer_is_or_the_first(string response, char? option) =>
        Assert.Equal(option, PaperRule.AgiEval(response));

    [Theory]
    [InlineData("bold first letter")]
    [InlineData("Based on")]
    [InlineData("Considering")]
    [InlineData("As an AI")]
    [InlineData("A good way to start")]
    [InlineData("none chosen")]
    public void The_first_capital_fails_where_words_begin_with_an_options_letter(string style)
    {
        var paper = Issued.Value.Paper.Single(row => row.Style == style);
        Assert.True(paper.FirstCapital * 2 < paper.Responses, $"{paper}");
        Assert.Equal(1, Issued.Value.Styles.Single(row => row.Name == style).RightShare);
    }

    [Theory]
    [InlineData("bold first letter")]
    [InlineData("options denied")]
    [InlineData("none chosen")]
    public void AGIEvals_scorer_fails_on_some_of_the_same(string style)
    {
        var paper = Issued.Value.Paper.Single(row => row.Style == style);
        Assert.True(paper.AgiEval < paper.Responses, $"{paper}");
    }
}
