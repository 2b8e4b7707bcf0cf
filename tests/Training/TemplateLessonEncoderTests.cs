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
}
