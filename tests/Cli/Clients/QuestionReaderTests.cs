using Orca.Cli.Clients;

namespace Orca.Cli.Tests.Clients;

public sealed class QuestionReaderTests
{
    [Fact]
    public async Task One_line_is_one_question_and_blank_lines_are_none()
    {
        Assert.Equal(["first", "second"], await ReadAllAsync("first\n\n   \nsecond"));
    }

    [Fact]
    public async Task Three_quotation_marks_hold_several_lines_together()
    {
        Assert.Equal(["a\nb", "c"], await ReadAllAsync("\"\"\"a\nb\"\"\"\nc\n"));
        Assert.Equal(["a\nb"], await ReadAllAsync("\"\"\"\na\nb\n\"\"\"\n"));
        Assert.Equal(["one"], await ReadAllAsync("\"\"\"one\"\"\""));
    }

    [Fact]
    public async Task A_block_that_is_never_closed_ends_with_the_input()
    {
        Assert.Equal(["a\nb"], await ReadAllAsync("\"\"\"a\nb"));
    }

    private static async Task<List<string>> ReadAllAsync(string input)
    {
        var reader = new QuestionReader(new StringReader(input), TextWriter.Null);
        var questions = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None) is { } question)
        {
            questions.Add(question);
        }

        return questions;
    }
}
