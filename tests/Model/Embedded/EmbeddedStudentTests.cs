using Orca.Model.Embedded;
using Orca.Model.Prompting;

namespace Orca.Model.Tests.Embedded;

public class EmbeddedStudentTests
{
    [Fact]
    public void Its_parts_fit_together()
    {
        var tokenizer = EmbeddedStudent.Tokenizer;
        Assert.Equal((2048, 1, 2), (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId));
        Assert.Equal(PromptTemplates.Markers, PromptTemplate.For(tokenizer));
        Assert.Equal(EmbeddedStudent.Template, PromptTemplate.For(tokenizer));
        EmbeddedStudent.Config.Validate("the embedded student");
        Assert.Equal(tokenizer.VocabularySize, EmbeddedStudent.Config.VocabularySize);
    }

    [Theory]
    [InlineData("True", 1)]
    [InlineData("7", 1)]
    [InlineData("8 + 7 = 15", 6)]
    [InlineData("1) and 2) or 12)", 7)]
    [InlineData("] ) } >", 4)]
    [InlineData("])}>", 4)]
    [InlineData("\n\n", 3)]
    public void Digits_brackets_and_line_breaks_are_tokens_of_their_own(string text, int tokens)
    {
        var ids = EmbeddedStudent.Tokenizer.Encode(text);
        Assert.Equal(tokens, ids.Length);
        Assert.Equal(text, EmbeddedStudent.Tokenizer.Decode(ids));
    }
}
