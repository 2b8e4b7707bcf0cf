using System.Text;

namespace Orca.Cli.Display;

/// <summary>
/// Writes to a terminal as long as there is one: what is written to a terminal that was closed is lost, and ends nobody's work.
/// </summary>
/// <param name="terminal">The terminal.</param>
internal sealed class TerminalWriter(TextWriter terminal) : TextWriter
{
    // EIO, as every write to a terminal that was closed ends.
    private const int Gone = 5;

    public override Encoding Encoding => terminal.Encoding;

    // Longer than any line that is worth one.
    private const int LineCharacters = 16_384;

    /// <summary>
    /// Puts it before standard output and standard error, where they are terminals; elsewhere what is written at once arrives at once,
    /// rather than in pieces of 256 characters, between which those of others may come.
    /// </summary>
    public static void Install()
    {
        var (output, error) = (Console.Out, Console.Error);
        Console.SetOut(Console.IsOutputRedirected ? Whole(Console.OpenStandardOutput(), output) : new TerminalWriter(output));
        Console.SetError(Console.IsErrorRedirected ? Whole(Console.OpenStandardError(), error) : new TerminalWriter(error));
    }

    /// <summary>Writes to a stream as another writer does, but each text that is written at once.</summary>
    public static TextWriter Whole(Stream stream, TextWriter like) =>
        new StreamWriter(stream, like.Encoding, LineCharacters) { AutoFlush = true };

    public override void Write(char value) => Try(() => terminal.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => terminal.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => terminal.Write(value));

    public override void WriteLine(string? value) => Try(() => terminal.WriteLine(value));

    public override void Flush() => Try(terminal.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == Gone)
        {
            // Nobody is there to read it.
        }
    }
}
