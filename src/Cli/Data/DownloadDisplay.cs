using Orca.Cli.Display;

namespace Orca.Cli.Data;

/// <summary>Shows downloads as they go on.</summary>
/// <param name="line">Where they are shown.</param>
internal sealed class DownloadDisplay(ProgressLine line) : IProgress<DownloadStatus>
{
    private Download? _current;

    /// <inheritdoc/>
    public void Report(DownloadStatus status)
    {
        if (_current != status.Download)
        {
            _current = status.Download;
            line.Begin(status.Bytes);
        }

        var name = Path.GetFileName(status.Download.Target);
        if (status.Pause is { } pause)
        {
            line.Show($"{name}  {pause}");
        }
        else
        {
            line.Tell(name, status.Bytes, status.Whole);
        }
    }

    /// <summary>Takes the line away, so that others can be written.</summary>
    public void Clear()
    {
        line.Clear();
        _current = null;
    }
}
