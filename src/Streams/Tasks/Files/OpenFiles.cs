using Microsoft.Win32.SafeHandles;

namespace Orca.Streams.Tasks.Files;

/// <summary>Files that are open to be read, at most so many at once: the one that was read longest ago is closed for another.</summary>
/// <param name="most">How many may be open.</param>
internal sealed class OpenFiles(int most = OpenFiles.DefaultMost) : IDisposable
{
    /// <summary>Of thousands of files few are open at once.</summary>
    public const int DefaultMost = 48;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Path, SafeFileHandle File)>> open = [];
    private readonly LinkedList<(string Path, SafeFileHandle File)> byUse = [];

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return open.Count;
            }
        }
    }

    /// <summary>Reads a file; returns how many bytes.</summary>
    /// <exception cref="FileChangedException">It has another stamp.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int Read(string path, FileStamp stamp, Span<byte> into, long offset)
    {
        lock (gate)
        {
            var file = Open(path);
            if (FileStamp.Of(file) != stamp)
            {
                // Another file may lie there since it was opened.
                Close(path);
                file = Open(path);
            }

            if (FileStamp.Of(file) != stamp)
            {
                throw new FileChangedException(path);
            }

            var read = 0;
            while (read < into.Length && RandomAccess.Read(file, into[read..], offset + read) is > 0 and var more)
            {
                read += more;
            }

            return read;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var (_, file) in byUse)
            {
                file.Dispose();
            }

            byUse.Clear();
            open.Clear();
        }
    }

    private SafeFileHandle Open(string path)
    {
        if (open.TryGetValue(path, out var known))
        {
            byUse.Remove(known);
            byUse.AddLast(known);
            return known.Value.File;
        }

        if (open.Count >= most && byUse.First is { } oldest)
        {
            Close(oldest.Value.Path);
        }

        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException(failure.Message, failure);
        }

        open[path] = byUse.AddLast((path, file));
        return file;
    }

    private void Close(string path)
    {
        if (open.Remove(path, out var known))
        {
            byUse.Remove(known);
            known.Value.File.Dispose();
        }
    }
}
