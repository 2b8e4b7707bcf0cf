using System.Runtime.InteropServices;
using System.Text;

namespace Orca.Model.Checkpoints;

/// <summary>Writes that are on the disk, name and all, before anything depends on them.</summary>
public static partial class Durable
{
    private const int ReadOnly = 0;

    /// <summary>Forces a file's content to the disk.</summary>
    public static void FlushFile(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Forces the names in a folder to the disk; without this a rename may be undone by a power cut.</summary>
    public static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"'{folder}' cannot be opened to flush it: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var status = Flush(descriptor);
        var fault = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(descriptor);
        if (status != 0)
        {
            throw new IOException($"'{folder}' cannot be flushed: {fault}");
        }
    }

    /// <summary>Writes a new file and forces it to the disk.</summary>
    public static void WriteNew(string path, string text)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Replaces a file as a whole: a reader sees the old text or the new one.</summary>
    public static void Replace(string path, string text)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            WriteNew(beside, text);
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }

        FlushFolder(Path.GetDirectoryName(path)!);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
