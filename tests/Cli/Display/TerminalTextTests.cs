using Orca.Cli.Display;

namespace Orca.Cli.Tests.Display;

public sealed class TerminalTextTests
{
    [Fact]
    public void Nothing_in_a_text_is_heeded_by_a_terminal() =>
        Assert.Equal("a\uFFFD[2Jb\uFFFDc\td", TerminalText.Harmless("a\e[2Jb\u009bc\td"));

    [Fact]
    public void A_line_cannot_be_written_over_by_what_follows_in_it() =>
        Assert.Equal("429: slow down\uFFFDall is well\r\nnext\n", TerminalText.Harmless("429: slow down\rall is well\r\nnext\n"));

    [Fact]
    public void A_text_of_several_lines_becomes_one() => Assert.Equal("a b c d", TerminalText.OneLine("a\r\nb\nc\td"));

    [Theory]
    [InlineData("step", 4, "step")]
    [InlineData("step", 3, "ste")]
    [InlineData("数学の問題", 10, "数学の問題")]
    [InlineData("数学の問題", 9, "数学の問")]
    [InlineData("数学の問題", 1, "")]
    [InlineData("a😀b", 2, "a")]
    [InlineData("e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301")]
    [InlineData("step", 0, "")]
    public void A_line_is_cut_by_the_columns_it_takes_and_no_character_is_divided(string line, int columns, string cut) =>
        Assert.Equal(cut, TerminalText.Cut(line, columns));
}
