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
    public async Task A_question_is_what_was_written()
    {
        Assert.Equal(["  a  ", "    b\n\n  \"\"\"c\"\"\" d"], await ReadAllAsync("  a  \n\"\"\"\n    b\n\n  \"\"\"c\"\"\" d\n\"\"\"\n"));
    }

    [Theory]
    [InlineData("/system Be brief. ", "System { Message = Be brief. }")]
    [InlineData("/system", "System { Message =  }")]
    [InlineData("/quit", "Quit { }")]
    [InlineData("/quit ", "Quit { }")]
    [InlineData("/quit now", "Unknown { Word = /quit now }")]
    [InlineData("/systems Be brief.", "Unknown { Word = /systems }")]
    [InlineData("/etc/passwd holds what?", "Unknown { Word = /etc/passwd }")]
    [InlineData("//etc/passwd holds what?", "Ask { Text = /etc/passwd holds what? }")]
    [InlineData("a /quit", "Ask { Text = a /quit }")]
    [InlineData("\"\"\"/quit\"\"\"", "Ask { Text = /quit }")]
    public async Task A_line_with_one_slash_is_a_command_and_an_unknown_one_is_never_sent(string line, string expected)
    {
        var question = await new QuestionReader(new StringReader(line), TextWriter.Null).ReadAsync(CancellationToken.None);
        Assert.Equal(expected, ChatInput.Of(question!).ToString());
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
            questions.Add(question.Text);
        }

        return questions;
    }
}
