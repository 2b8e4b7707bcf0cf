using Microsoft.Win32.SafeHandles;

namespace Orca.Streams.Tasks.Files;

/// <summary>
/// Bytes that are written once, one after another, and read at any place then: in memory while they are few, else in a file.
/// </summary>
/// <param name="path">
/// The file that holds them once they are many; it is removed with the spool unless <see cref="Keep"/> was called.
/// </param>
/// <param name="mayBeKept">Whether it may: else the file has no name once it is open, so that a killed process leaves none.</param>
/// <param name="mostInMemory">Bytes that are held in memory.</param>
internal sealed class Spool(string path, bool mayBeKept = false, int mostInMemory = Spool.DefaultMostInMemory) : PlainFile
{
    /// <summary>Enough for most data sets that somebody writes by hand.</summary>
    public const int DefaultMostInMemory = 16 << 20;

    private const int FlushAt = 1 << 20;

    private readonly MemoryStream tail = new();
    private SafeFileHandle? file;
    private long flushed;
    private bool isKept;

    /// <inheritdoc/>
    public override long Length => flushed + tail.Length;

    /// <summary>The file that holds them; null while they are in memory.</summary>
    public string? Path => file is null ? null : path;

    /// <summary>A path in the system's folder for temporary files.</summary>
    /// <param name="name">What its name ends in.</param>
    public static string TemporaryPath(string name) =>
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"orca-{Guid.NewGuid():N}.{System.IO.Path.GetFileName(name)}");

    /// <summary>Writes bytes behind the others.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        tail.Write(bytes);
        if (tail.Length > (file is null ? mostInMemory : FlushAt))
        {
            Flush();
        }
    }

    /// <summary>Writes what is in memory to the file, which stays when the spool is disposed.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Keep()
    {
        Flush();
        RandomAccess.FlushToDisk(file!);
        isKept = true;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> into, long offset)
    {
        var read = 0;
        while (read < into.Length && offset + read < flushed
            && RandomAccess.Read(file!, into[read..(int)Math.Min(into.Length, flushed - offset)], offset + read) is > 0 and var more)
        {
            read += more;
        }

        if (offset + read < flushed)
        {
            return read;
        }

        var rest = tail.GetBuffer().AsSpan(0, (int)tail.Length);
        rest = rest[(int)Math.Min(rest.Length, offset + read - flushed)..];
        var last = Math.Min(rest.Length, into.Length - read);
        rest[..last].CopyTo(into[read..]);
        return read + last;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (file is null)
        {
            return;
        }

        file.Dispose();
        if (!isKept)
        {
            // Also of one that has lost its name: another system keeps the name until it is closed.
            File.Delete(path);
        }
    }

    private void Flush()
    {
        if (file is null)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            if (!mayBeKept && !OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }
        }

        RandomAccess.Write(file, tail.GetBuffer().AsSpan(0, (int)tail.Length), flushed);
        flushed += tail.Length;
        tail.SetLength(0);
    }
}
