using Orca.Streams.Screening;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

public sealed class LanguageScreenTests
{
    private const string English = "What is the capital of France?";

    [Theory]
    [InlineData("法国的首都是巴黎。", 1)]
    [InlineData("Столица Франции — Париж.", 1)]
    [InlineData("パリです。", 1)]
    [InlineData("עיר הבירה היא פריז", 1)]
    [InlineData("The capital is Paris.", 0)]
    [InlineData("ParisParis 巴黎巴黎巴黎巴黎巴黎", 0.5)]
    [InlineData("", 0)]
    [InlineData("42, -7.5!", 0)]
    public void Another_script_counts_by_its_share_of_letters(string answer, double share) => Assert.Equal(share, Share(English, answer));

    [Theory]
    [InlineData("Die Hauptstadt von Frankreich ist Paris, und das ist schon sehr lange so.")]
    [InlineData("La capitale de la France est Paris, une ville qui est très belle avec ses musées.")]
    [InlineData("La capital de Francia es París, una ciudad muy hermosa que está en el norte del país.")]
    [InlineData("De hoofdstad van Frankrijk is Parijs, en dat is het al heel lang geweest voor ons.")]
    public void Another_language_of_the_same_script_is_told_by_its_function_words(string answer) =>
        Assert.True(Share(English, answer) > 0.5, $"{Share(English, answer)}");

    [Theory]
    [InlineData("Translate into Chinese: good morning", "早上好")]
    [InlineData("How does one say \"good morning\" in Russian?", "Доброе утро")]
    [InlineData("Was ist die Hauptstadt, und seit wann ist es so?", "Die Hauptstadt ist Paris, und das ist lange so.")]
    [InlineData("What does 你好 mean?", "你好")]
    [InlineData("Write this in German: I know that he is not here.", "Ich weiß, dass er nicht hier ist und auch nicht kommt.")]
    [InlineData("Name a sentence in a foreign language.", "Η Αθήνα είναι μεγάλη πόλη")]
    public void What_the_question_holds_or_names_is_asked_for(string question, string answer) => Assert.Equal(0, Share(question, answer));

    [Fact]
    public void What_the_system_message_or_a_gold_answer_holds_is_asked_for()
    {
        var trace = Questions.Trace(English, "巴黎");
        var query = trace.Request.Query;

        Assert.Equal(1, new LanguageScreen().Measure(trace).Value);
        Assert.Equal(0, Share(trace.Request with { SystemMessage = "请用中文回答。" }, "巴黎"));
        Assert.Equal(0, Share(trace.Request with { Query = query with { GoldAnswers = ["巴黎"] } }, "巴黎"));
    }

    [Theory]
    [InlineData("Let α and β be the roots, so that α + β = −p and αβ = q, and Δ = p² − 4q.")]
    [InlineData("θ = π/4")]
    [InlineData("El Niño, La Niña, Los Angeles, Rio de Janeiro and the Côte d'Azur are names.")]
    [InlineData("public int Add(int x, int y) { return x + y; } // y = sin x, cos x, per item")]
    [InlineData("He makes $36 * 8 = $288 per day and 5 * 7 = 35 per week, per man.")]
    public void Mathematics_code_and_names_are_of_no_language(string answer) => Assert.Equal(0, Share(English, answer));

    [Fact]
    public void An_answer_that_goes_on_in_another_language_is_found() => Assert.InRange(
        Share(English, "The capital of France is Paris, which lies on the river and has many bridges and old houses. Es ist aber auch "
            + "eine Stadt, die sehr groß ist, und in der viele Menschen wohnen, weil sie dort ihre Arbeit haben und nicht auf dem Land."),
        0.2, 0.8);

    [Fact]
    public void A_question_without_Latin_letters_does_not_ask_for_English() =>
        Assert.Equal(1, Share("法国的首都是哪里？", "The capital is Paris."));

    private static double Share(string question, string answer) => new LanguageScreen().Measure(Questions.Trace(question, answer)
        with
    { Request = Asking(question) }).Value;

    private static double Share(TeacherRequest request, string answer) =>
        new LanguageScreen().Measure(Questions.Trace("", answer) with { Request = request }).Value;

    private static TeacherRequest Asking(string question) => new()
    {
        Query = new TaskQuery { Id = "q", Collection = "c", Task = "t", Prompt = question },
        SystemMessage = "",
        Stage = "assistant",
    };
}
