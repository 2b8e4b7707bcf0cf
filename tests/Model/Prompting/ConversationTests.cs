using Orca.Model.Embedded;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Prompting;

public class ConversationTests
{
    private static ITokenizer Student => EmbeddedStudent.Tokenizer;

    [Fact]
    public void An_earlier_turn_is_its_prompt_followed_by_its_answer()
    {
        var template = PromptTemplates.Markers;
        var before = template.Prompt(Student, "Be brief.", "Why?");
        var after = template.Prompt(Student, "", "And now?");

        Assert.Equal(
            [.. before, .. template.Answer(Student, "So."), .. after],
            template.Prompt(Student, "Be brief.", [new Turn("Why?", "So.")], "And now?"));
    }

    [Fact]
    public void A_text_that_only_goes_on_has_no_form_for_turns()
    {
        Assert.Throws<PromptException>(() => PromptTemplates.Raw.Prompt(Student, "", [new Turn("a", "b")], "c"));
    }

    [Fact]
    public void Each_token_tells_its_bytes()
    {
        const string text = "naïve 🦈 漢";
        var ids = Student.Encode(text);
        var bytes = ids.SelectMany(id => Student.BytesOf(id).ToArray()).ToArray();
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(bytes).TrimStart(' '));
        Assert.True(Student.BytesOf(Student.EosId).IsEmpty);
        Assert.True(Student.BytesOf(-1).IsEmpty);
    }
}
