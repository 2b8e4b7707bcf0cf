using System.ComponentModel;
using System.Threading.Channels;

namespace Orca.Model.Checkpoints;

/// <summary>
/// Waits for changes of a folder: as the operating system reports them, and at an interval all the same, for volumes that
/// report nothing and folders that do not exist yet.
/// </summary>
internal sealed class FolderChanges(string folder, TimeProvider time, TimeSpan pollInterval) : IDisposable
{
    // One pending signal stands for any number of changes.
    private readonly Channel<bool> signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private FileSystemWatcher? watcher;

    /// <summary>Returns at a change since the last call, or after the interval.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (watcher is null && (watcher = Watch()) is not null)
        {
            // Reports begin now; what changed since the caller looked is in none of them.
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = signals.Reader.WaitToReadAsync(either.Token).AsTask();
        await Task.WhenAny(changed, Task.Delay(pollInterval, time, either.Token));
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        signals.Reader.TryRead(out _);
    }

    public void Dispose() => watcher?.Dispose();

    private FileSystemWatcher? Watch()
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        try
        {
            var started = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
            started.Renamed += (_, _) => signals.Writer.TryWrite(true);
            started.Created += (_, _) => signals.Writer.TryWrite(true);
            started.Deleted += (_, _) => signals.Writer.TryWrite(true);
            started.Error += (_, _) => signals.Writer.TryWrite(true);
            started.EnableRaisingEvents = true;
            return started;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or Win32Exception)
        {
            // Out of watches, not to be read, or the folder has gone: the interval alone serves.
            return null;
        }
    }
}
