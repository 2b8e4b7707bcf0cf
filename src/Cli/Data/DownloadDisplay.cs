using Orca.Cli.Display;
using Orca.Cli.Doctor;

namespace Orca.Cli.Data;

/// <summary>Shows downloads as they go on: one line that is written anew on a terminal, a line now and then elsewhere.</summary>
/// <param name="output">Where they are shown.</param>
/// <param name="columns">Columns of the terminal; null where there is none.</param>
/// <param name="clock">The clock.</param>
internal sealed class DownloadDisplay(TextWriter output, int? columns, TimeProvider clock) : IProgress<DownloadStatus>
{
    private const string EraseToEnd = "\e[K";
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(5);

    private Download? _current;
    private long _begunAt;
    private long _first;
    private long _shownAt;

    /// <inheritdoc/>
    public void Report(DownloadStatus status)
    {
        if (_current != status.Download)
        {
            (_current, _first) = (status.Download, status.Bytes);
            _begunAt = _shownAt = clock.GetTimestamp();
        }

        if (status.Pause is null && clock.GetElapsedTime(_shownAt) < (columns is null ? Elsewhere : OnTerminal))
        {
            return;
        }

        _shownAt = clock.GetTimestamp();
        var text = TerminalText.Harmless($"{Path.GetFileName(status.Download.Target)}  {status.Pause ?? Rate(status)}");
        if (columns is { } width)
        {
            output.Write($"\r{(text.Length < width ? text : text[..Math.Max(0, width - 1)])}{EraseToEnd}");
        }
        else
        {
            output.WriteLine(text);
        }
    }

    /// <summary>Takes the line away, so that others can be written.</summary>
    public void Clear()
    {
        if (_current is not null && columns is not null)
        {
            output.Write($"\r{EraseToEnd}");
        }

        _current = null;
    }

    private string Rate(DownloadStatus status)
    {
        var seconds = Math.Max(0.001, clock.GetElapsedTime(_begunAt).TotalSeconds);
        var share = status.Whole is > 0 and var whole
            ? $" of {Size.Text(whole)}  {SnapshotLine.Percent((double)status.Bytes / whole)}"
            : "";
        return $"{Size.Text(status.Bytes)}{share}  {Size.Text((status.Bytes - _first) / seconds)}/s";
    }
}
