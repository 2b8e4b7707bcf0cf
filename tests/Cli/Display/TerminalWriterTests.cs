using Orca.Cli.Display;

namespace Orca.Cli.Tests.Display;

public sealed class TerminalWriterTests
{
    [Fact]
    public void What_is_written_to_a_closed_terminal_is_lost_and_no_fault()
    {
        using var writer = new TerminalWriter(new Failing(5));
        writer.WriteLine("a line");
        writer.Write('a');
        writer.Write("abc".AsSpan());
        writer.Flush();
    }

    [Fact]
    public void Other_faults_are_told()
    {
        using var writer = new TerminalWriter(new Failing(28));
        Assert.Throws<IOException>(() => writer.Write("text"));
    }

    [Fact]
    public void What_is_written_arrives()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using var writer = new TerminalWriter(text);
        writer.Write('a');
        writer.Write("b");
        writer.Write("cd".AsSpan());
        writer.WriteLine("e");
        Assert.Equal("abcde\n", text.ToString());
    }

    private sealed class Failing(int error) : StringWriter
    {
        public override void Write(char value) => Fail();

        public override void Write(string? value) => Fail();

        public override void Write(char[] buffer, int index, int count) => Fail();

        public override void WriteLine(string? value) => Fail();

        public override void Flush() => Fail();

        private void Fail() => throw new IOException("failed", error);
    }
}
