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

    /// <summary>Puts it before standard output and standard error, where they are terminals.</summary>
    public static void Install()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.SetOut(new TerminalWriter(Console.Out));
        }

        if (!Console.IsErrorRedirected)
        {
            Console.SetError(new TerminalWriter(Console.Error));
        }
    }

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
