using Orca.Model.Prompting;

namespace Orca.Training.Tests;

public sealed class TemplateLessonEncoderTests
{
    [Fact]
    public void A_lesson_is_the_prompt_the_student_is_asked_with_and_the_answer_with_its_stop_token_once()
    {
        var template = PromptTemplate.For(Toy.Tokenizer);
        var encoder = new TemplateLessonEncoder(template, Toy.Tokenizer);

        var (prompt, answer) = encoder.Encode("be brief", "what is one and one?", "two");

        Assert.Equal(template.Prompt(Toy.Tokenizer, "be brief", "what is one and one?"), prompt);
        Assert.Equal(Toy.Tokenizer.Encode("two").Length + 1, answer.Length);
        Assert.Contains(answer[^1], template.StopIds(Toy.Tokenizer));
        Assert.DoesNotContain(answer[..^1], template.StopIds(Toy.Tokenizer).Contains);
        Assert.DoesNotContain(prompt, template.StopIds(Toy.Tokenizer).Contains);
    }

    [Theory]
    [InlineData("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", "leaves system messages out")]
    [InlineData("{% if messages[0].role == 'system' %}{{ raise_exception('No orders!') }}{% endif %}{{ messages[0].content }}", "No orders!")]
    public void A_student_whose_template_has_no_place_for_a_system_message_is_not_taught(string template, string reason)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("chat_template.jinja"), template);
        var opened = PromptTemplate.Open(folder.At("."), Toy.Tokenizer);

        var fault = Assert.Throws<Orca.Model.ModelFormatException>(() => new TemplateLessonEncoder(opened, Toy.Tokenizer));

        Assert.Contains(reason, fault.Message);
        Assert.Contains("chat_template.jinja", fault.Message);
    }

    [Fact]
    public void A_lesson_in_a_students_own_template_ends_as_the_template_ends_answers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("chat_template.jinja"), "{% for m in messages %}{{ m.role + ': ' + m.content + eos_token + '\n' }}{% "
            + "endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}");
        var template = PromptTemplate.Open(folder.At("."), Toy.Tokenizer);

        var (prompt, answer) = new TemplateLessonEncoder(template, Toy.Tokenizer).Encode("be brief", "one and one?", "two");

        Assert.Equal(template.Prompt(Toy.Tokenizer, "be brief", "one and one?"), prompt);
        Assert.Equal(Toy.Tokenizer.EosId, answer[^1]);
        Assert.Equal(1, answer.Count(id => id == Toy.Tokenizer.EosId));
    }
}
