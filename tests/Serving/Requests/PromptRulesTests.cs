using System.Collections.Frozen;
using Orca.Model.Prompting;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Requests;

public class PromptRulesTests
{
    [Fact]
    public void A_token_beyond_the_embedding_is_never_drawn_and_a_prompt_that_holds_it_is_refused()
    {
        var tokenizer = Bytes.Open();
        var language = new StudentLanguage(
            "bytes", tokenizer, PromptTemplate.For(tokenizer), FrozenSet.Create(Bytes.End), VocabularySize: Bytes.VocabularySize - 1);
        Assert.Equal(Bytes.VocabularySize - 1, language.DrawableTokens);
        PromptRules.Check([Bytes.VocabularySize - 2], language, contextTokens: 8, onlyScores: false);
        var fault = Assert.Throws<GenerationException>(() => PromptRules.Check(
            [1, Bytes.VocabularySize - 1], language, contextTokens: 8, onlyScores: false));
        Assert.Contains("outside the vocabulary of 260 tokens", fault.Message, StringComparison.Ordinal);
    }
}
