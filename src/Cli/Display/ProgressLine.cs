using Orca.Cli.Doctor;

namespace Orca.Cli.Display;

/// <summary>Shows how far long work has come: one line that is written anew on a terminal, a line now and then elsewhere.</summary>
/// <param name="output">Where it is shown.</param>
/// <param name="columns">Tells the columns of the terminal as it is now, 0 where it does not say; null where there is none.</param>
/// <param name="clock">The clock.</param>
internal sealed class ProgressLine(TextWriter output, Func<int>? columns, TimeProvider clock)
{
    /// <summary>What takes a line of progress away, so that another can be written in its place.</summary>
    public const string TakeAway = "\r\e[K";

    private const string EraseToEnd = "\e[K";
    private const int UsualColumns = 80;
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(5);

    private bool _isBegun;
    private long _first;
    private long _begunAt;
    private long _shownAt;

    /// <summary>A line on standard error.</summary>
    public static ProgressLine OnStandardError(TimeProvider clock) =>
        new(Console.Error, IsOnTerminal ? () => Console.WindowWidth : null, clock);

    /// <summary>Whether standard error is a terminal on which a line can be written anew.</summary>
    public static bool IsOnTerminal =>
        !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Work begins, of which so many bytes are done already.</summary>
    public void Begin(long done)
    {
        (_isBegun, _first) = (true, done);
        _begunAt = _shownAt = clock.GetTimestamp();
    }

    /// <summary>Tells how far the work is, if it is time to.</summary>
    /// <param name="name">What is worked on.</param>
    /// <param name="done">Bytes that are done.</param>
    /// <param name="whole">Bytes there are to do; null where that is not known.</param>
    public void Tell(string name, long done, long? whole)
    {
        if (IsTime)
        {
            Show($"{name}  {Amount(done, whole)}");
        }
    }

    /// <summary>Shows a text, if it is time to.</summary>
    public void Tell(string text)
    {
        if (IsTime)
        {
            Show(text);
        }
    }

    /// <summary>Shows a text at once.</summary>
    public void Show(string text)
    {
        _shownAt = clock.GetTimestamp();
        text = TerminalText.OneLine(text);
        if (columns is not null)
        {
            // One column less, since a full line would move the cursor to the next.
            output.Write($"\r{TerminalText.Cut(text, (columns() is > 0 and var width ? width : UsualColumns) - 1)}{EraseToEnd}");
        }
        else
        {
            output.WriteLine(text);
        }
    }

    /// <summary>Takes the line away, so that others can be written.</summary>
    public void Clear()
    {
        if (_isBegun && columns is not null)
        {
            output.Write(TakeAway);
        }

        _isBegun = false;
    }

    private bool IsTime => clock.GetElapsedTime(_shownAt) >= (columns is null ? Elsewhere : OnTerminal);

    private string Amount(long done, long? whole)
    {
        var rate = (done - _first) / Math.Max(0.001, clock.GetElapsedTime(_begunAt).TotalSeconds);
        return whole is > 0 and var all
            ? $"{Size.Text(done)} of {Size.Text(all)}  {SnapshotLine.Percent((double)done / all)}  {Size.Text(rate)}/s"
                + (rate > 0 ? $"  {Durations.Text(Math.Max(0, all - done) / rate)} left" : "")
            : $"{Size.Text(done)}  {Size.Text(rate)}/s";
    }
}
