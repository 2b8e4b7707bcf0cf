using System.Collections.Immutable;
using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Answers;

/// <summary>How a question's kind is told.</summary>
public sealed class AnswerFormTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("?", "72", AnswerKind.Number)]
    [InlineData("?", "$1,234.50", AnswerKind.Number)]
    [InlineData("?", "-3/4", AnswerKind.Number)]
    [InlineData("?", "+35818", AnswerKind.Number)]
    [InlineData("?", "40%", AnswerKind.Number)]
    [InlineData("?", "(C)", AnswerKind.MultipleChoice)]
    [InlineData("?", "C", AnswerKind.MultipleChoice)]
    [InlineData("?", "yes", AnswerKind.YesNo)]
    [InlineData("?", "not plausible", AnswerKind.YesNo)]
    [InlineData("?", "invalid", AnswerKind.YesNo)]
    [InlineData("Is it?\nOptions:\n- yes\n- no", "no", AnswerKind.YesNo)]
    [InlineData("Which?\nOptions:\n- correct\n- a lie", "correct", AnswerKind.MultipleChoice)]
    [InlineData("Which?\nOptions:\n- to leave it for some other day in June\n- not", "to leave it for some other day in June", AnswerKind.MultipleChoice)]
    [InlineData("Sort the words: bee ant cat", "ant bee cat", AnswerKind.List)]
    [InlineData("Which insects?", "ant bee cat", AnswerKind.ShortText)]
    [InlineData("?", "] ) }", AnswerKind.List)]
    [InlineData("?", "[0.1 0.2]", AnswerKind.List)]
    [InlineData("?", "Al Oz, Bo Ek, Cy Fu", AnswerKind.List)]
    [InlineData("?", "Andorra la Vella", AnswerKind.ShortText)]
    [InlineData("?", "NaN", AnswerKind.ShortText)]
    [InlineData("?", "What did they sing?", AnswerKind.FreeText)]
    [InlineData("?", "They sang of the sea and of the long way home.", AnswerKind.FreeText)]
    [InlineData("?", "two\nlines", AnswerKind.FreeText)]
    public void The_gold_answers_form_and_the_options_tell_it(string prompt, string gold, AnswerKind kind) =>
        Assert.Equal(kind, AnswerForm.KindOf(prompt, [gold]));

    [Fact]
    public void Several_gold_answers_are_of_a_kind_where_all_are()
    {
        Assert.Equal(AnswerKind.Number, AnswerForm.KindOf("?", ["7", "8"]));
        Assert.Equal(AnswerKind.ShortText, AnswerForm.KindOf("?", ["7", "seven days"]));
        Assert.Equal(AnswerKind.FreeText, AnswerForm.KindOf("?", []));
    }

    [Fact]
    public void Labels_that_come_again_and_again_make_a_task_one_of_labels()
    {
        Assert.Equal(AnswerKind.ShortText, KindOfTask("Classify.", 20, "entailment", "neutral"));
        Assert.Equal(AnswerKind.YesNo, KindOfTask("Is it so?", 20, "True", "False"));
        Assert.Equal(AnswerKind.MultipleChoice, KindOfTask("Choose.", 20, "A", "B"));
        Assert.Equal(AnswerKind.Number, KindOfTask("How many stars?", 20, "1", "5"));
        Assert.Equal(AnswerKind.ShortText, KindOfTask("Is it so?", 20, "yes", "no", "not given"));
        Assert.Equal(AnswerKind.ShortText, KindOfTask("Which?", 20, "a label that is made of more words than others", "the other label of this task and no more"));
    }

    [Fact]
    public void A_task_whose_answers_are_sentences_is_free_text_in_all_its_questions()
    {
        var golds = Enumerable.Range(0, 20).Select(number => ImmutableArray.Create(number < 5 ? $"word {number}" : $"A sentence that has more words than a name {number}."));
        Assert.Equal(AnswerKind.FreeText, AnswerForm.KindOfTask("Summarise it.", [.. golds]));
        Assert.Equal(AnswerKind.FreeText, KindOfTask("Write a question.", 20, "Where is Ann?", "Where is Bo?"));
    }

    [Fact]
    public void A_task_of_names_and_numbers_leaves_it_to_each_question() => Assert.Null(AnswerForm.KindOfTask(
        "Answer it.", [.. Enumerable.Range(0, 20).Select(number => ImmutableArray.Create(number % 2 == 0 ? $"{number}" : $"Ann the {number}th"))]));

    [Fact]
    public void Where_any_wrong_answer_will_do_none_is_gold() =>
        Assert.Equal(AnswerKind.FreeText, KindOfTask("Given a question, generate an incorrect answer to it.", 20, "air", "cold"));

    [Fact]
    public async Task Questions_of_Natural_Instructions_are_judged_by_their_kind()
    {
        folder.Write("task1_capital.json", """
            {"Definition": ["Name the capital."], "Instances": [
              {"input": "France", "output": ["Paris"]}, {"input": "Italy", "output": ["Rome", "Roma"]}, {"input": "How many?", "output": "7"}]}
            """);
        folder.Write("task2_stories.json", """
            {"Definition": ["Write a story."], "Instances": [
              {"input": "the sea", "output": ["Once there was a sea that had no end and no shore."]}, {"input": "rain", "output": ["It rained."]}]}
            """);
        var queries = await Sources.ReadAsync($"natural-instructions:{folder.Path}", []);
        var capitals = queries.Where(query => query.Task == "task1_capital").ToArray();
        var stories = queries.Where(query => query.Task == "task2_stories").ToArray();

        Assert.Equal([AnswerKind.ShortText, AnswerKind.ShortText, AnswerKind.Number], capitals.Select(query => query.AnswerKind));
        Assert.True(Passes(capitals[0], "France is a republic. Its capital is Paris."));
        Assert.False(Passes(capitals[0], "The answer is Lyon."));
        Assert.True(Passes(capitals[1], "Roma."));
        Assert.False(Passes(capitals[2], "There are 8."));
        Assert.All(stories, story => Assert.True(Passes(story, "Far away it was always quiet.")));
    }

    [Fact]
    public async Task Questions_of_JSONL_rows_are_judged_by_their_kind()
    {
        folder.Write("rows.jsonl", """
            {"question": "How many?", "answer": "7"}
            {"question": "Who?", "answers": ["Ann Lee", "Ann"]}
            {"question": "Is it so?", "answer": false}
            {"question": "Sort these words: bee ant", "answer": "ant bee"}
            {"question": "Which?\nOptions:\n- a park in the middle of the old town there\n- a zoo", "answer": "a park in the middle of the old town there"}
            {"question": "Why?", "answer": "It is so since the moon goes round the earth, and both go round the sun."}
            """);
        var queries = await Sources.ReadAsync($"jsonl:{folder.Path}/rows.jsonl", []);

        Assert.Equal(
            [AnswerKind.Number, AnswerKind.ShortText, AnswerKind.YesNo, AnswerKind.List, AnswerKind.MultipleChoice, AnswerKind.FreeText],
            queries.Select(query => query.AnswerKind));
        var wrong = new[] { "The answer is 8.", "It was Bo.", "Yes, it is.", "bee ant", "The answer is a zoo.", "Nobody knows." };
        var right = new[] { "The answer is 7.", "It was Ann.", "No, it is not.", "ant, bee", "(A)", "The moon goes round the earth." };
        Assert.Equal([false, false, false, false, false, true], queries.Select((query, i) => Passes(query, wrong[i])));
        Assert.All(queries.Select((query, i) => (query, right[i])), one => Assert.True(Passes(one.query, one.Item2)));
    }

    private static AnswerKind? KindOfTask(string definition, int questions, params string[] labels) => AnswerForm.KindOfTask(
        definition, [.. Enumerable.Range(0, questions).Select(number => ImmutableArray.Create(labels[number % labels.Length]))]);

    private static bool Passes(TaskQuery query, string response)
    {
        var trace = Questions.Trace("q", response);
        return ScreenSet.Of(["gold-answer"]).Judge(trace with { Request = trace.Request with { Query = query } }).Accepted;
    }
}
