using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Tasks;

/// <summary>Files as people reported them: every row is used, or refused by name.</summary>
public sealed class ReportedFilesTests
{
    private readonly FaultList faults = [];

    [Theory]
    [InlineData("dolly.jsonl", 12, "Note 3: door 3 was painted green last week.", "Door 3 is green.")]
    [InlineData("sharegpt.jsonl", 12, "Double 3?", "Double 3 is 6.")]
    [InlineData("prompt_completion.jsonl", 12, "Name a number after 3.", "4 comes after 3.")]
    [InlineData("parts.jsonl", 12, "Triple 3?", "It is 9.")]
    [InlineData("bomcrlf.jsonl", 12, "q 3", "r 3")]
    [InlineData("sysnull.jsonl", 12, "Hi 3", "Hello 3")]
    [InlineData("u2028.jsonl", 12, "three 3", "3")]
    [InlineData("utf16.jsonl", 12, "q 3", "r 3")]
    [InlineData("train.jsonl.gz", 12, "Name a number after 3.", "4 comes after 3.")]
    [InlineData("a_v1.jsonl", 60, "a set question 3?", "answer 3")]
    [InlineData("questions.jsonl", 40, "3", null)]
    public async Task Every_row_is_a_question(string file, int rows, string prompt, string? answer)
    {
        var queries = await ReadAsync(file);

        Assert.Equal(rows, queries.Count);
        Assert.Empty(faults);
        Assert.Contains(queries, query => query.Prompt.Contains(prompt, StringComparison.Ordinal)
            && (answer is null || query.Explanation?.Contains(answer, StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task Truth_values_are_answers()
    {
        Assert.All(await ReadAsync("bool.jsonl"), query => Assert.Contains(query.GoldAnswers.Single(), new[] { "yes", "no" }));
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("twin.jsonl", "Q 3?", "A 3.")]
    [InlineData("kto_false_first.jsonl", "Say hello to guest 3.", "Hello, guest 3!")]
    public async Task Of_twins_the_one_with_an_answer_that_is_wanted_is_taken(string file, string prompt, string answer)
    {
        var queries = await ReadAsync(file);

        Assert.Equal(answer, Assert.Single(queries, query => query.Prompt == prompt).Explanation);
        Assert.All(queries, query => Assert.NotNull(query.Explanation));
    }

    [Theory]
    [InlineData("""{"question": "Wie groß?"}""", """{"question": "Wie gro\u00df? ", "response": "So."}""")]
    [InlineData("""{"question": "Wie groß?"}""", """{"messages": [{"role": "user", "content": "Wie groß?"}, {"role": "assistant", "content": "So."}]}""")]
    [InlineData("""{"instruction": "Say", "input": "it"}""", """{"question": "Say\n\nit", "response": "So."}""")]
    public async Task Twins_are_told_whatever_their_form_and_spelling(string without, string with)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("rows.jsonl", $"{without}\n{with}\n");

        Assert.Equal("So.", Assert.Single(await Sources.ReadAsync($"jsonl:{path}", faults)).Explanation);
    }

    [Fact]
    public async Task Earlier_turns_are_refused_by_name()
    {
        Assert.Empty(await ReadAsync("alpaca_history.jsonl"));
        Assert.All(faults, fault => Assert.Contains("'history'", fault.Message));
        Assert.Equal(12, faults.Count);
    }

    [Fact]
    public async Task A_field_that_is_there_twice_is_named()
    {
        Assert.Equal(12, (await ReadAsync("dupkeys.jsonl")).Count);
        Assert.Equal("The field 'question' is there twice; the last one is taken.", Assert.Single(faults).Message);
    }

    [Fact]
    public async Task A_TSV_of_a_question_is_one()
    {
        var path = SharedData.RequireCase("collecting/data/think.tsv");
        Assert.Equal("12", Assert.Single(await Sources.ReadAsync($"flan-cot:{path}", faults)).GoldAnswers.Single());
    }

    private Task<List<TaskQuery>> ReadAsync(string file) =>
        Sources.ReadAsync($"jsonl:{SharedData.RequireCase($"collecting/data/{file}")}", faults);
}
