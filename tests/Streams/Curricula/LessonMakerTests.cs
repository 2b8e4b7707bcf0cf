using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

public class LessonMakerTests
{
    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 8)]
    public void Reasoning_is_taught_between_tags_where_that_is_asked_for_and_only_there(bool teachesReasoning, int words)
    {
        var trace = Questions.Trace("q", "The answer is 7.") with { Reasoning = "Seven it is" };
        var maker = new LessonMaker(new WordEncoder(), maxTokens: 100, teachesReasoning);

        var lesson = maker.Make(trace).Lesson!;

        Assert.Equal(words + (teachesReasoning ? 1 : 0) + 1, lesson.AnswerTokens.Length);
        Assert.Equal(5, maker.Make(trace with { Reasoning = "" }).Lesson!.AnswerTokens.Length);
    }

    [Fact]
    public void What_is_too_long_for_one_setting_is_judged_by_a_text_that_another_setting_changes()
    {
        string[] settings = [Settings(5), Settings(6), Settings(5, teachesReasoning: true), Settings(5, encoding: "other words")];

        Assert.Equal(4, settings.Distinct().Count());
        Assert.Equal(settings[0], Settings(5));

        static string Settings(int maxTokens, bool teachesReasoning = false, string encoding = "words") =>
            new LessonScreen(new LessonMaker(new WordEncoder(encoding), maxTokens, teachesReasoning)).Settings;
    }
}
