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

    [Fact]
    public void A_long_line_arrives_in_a_pipe_at_once()
    {
        using var pipe = new Pieces();
        using var writer = TerminalWriter.Whole(pipe, Console.Out);
        writer.WriteLine(new string('x', 3_000));
        writer.WriteLine("next");
        Assert.Equal([3_000 + Environment.NewLine.Length, 4 + Environment.NewLine.Length], pipe.Lengths);
    }

    private sealed class Pieces : MemoryStream
    {
        public List<int> Lengths { get; } = [];

        public override void Write(ReadOnlySpan<byte> buffer) => Lengths.Add(buffer.Length);

        public override void Write(byte[] buffer, int offset, int count) => Lengths.Add(count);
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
