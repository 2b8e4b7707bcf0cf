namespace Orca.Model.Checkpoints;

/// <summary>
/// New files and folders that appear under their names when they are whole: written beside, forced to the disk, renamed. Where the
/// writing fails or is given up, nothing is left; where the process is killed, what it wrote is left beside, as
/// <c>NAME.*.part</c>.
/// </summary>
internal static class AtomicOutput
{
    private const int BufferBytes = 1 << 20;

    // The errno value EFBIG.
    private const int FileTooLarge = 27;

    /// <summary>Writes a new file.</summary>
    /// <param name="path">A file that does not exist yet, in a folder that does.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">The file exists already, or cannot be written.</exception>
    public static void File(string path, Action<FileStream> write)
    {
        var target = Path.GetFullPath(path);
        var part = Beside(target);
        try
        {
            Guarded(target, () =>
            {
                using var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
                write(file);
                file.Flush(flushToDisk: true);
            });
            System.IO.File.Move(part, target, overwrite: false);
            Durable.FlushFolder(Path.GetDirectoryName(target)!);
        }
        finally
        {
            System.IO.File.Delete(part);
        }
    }

    /// <summary>Writes a new folder.</summary>
    /// <param name="path">A folder that does not exist yet, or is empty; those above it are made where they are missing.</param>
    /// <param name="write">Writes what it holds into the folder of that name.</param>
    /// <exception cref="IOException">The folder is not empty, or cannot be written.</exception>
    public static void Folder(string path, Action<string> write)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var part = Beside(target);
        try
        {
            Directory.CreateDirectory(part);
            Guarded(target, () => write(part));
            Flush(part);
            if (Directory.Exists(target))
            {
                // Succeeds where it is empty alone.
                Directory.Delete(target);
            }

            Directory.Move(part, target);
            Durable.FlushFolder(Path.GetDirectoryName(target)!);
        }
        finally
        {
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }
        }
    }

    // What a file system or a shell's limit has no room for, .NET calls an argument out of range.
    private static void Guarded(string target, Action write)
    {
        try
        {
            write();
        }
        catch (ArgumentOutOfRangeException fault)
            when (fault.ParamName == "value" && fault.TargetSite?.Module == typeof(FileStream).Module)
        {
            throw new IOException($"'{target}' would be longer than a file may be there", FileTooLarge);
        }
    }

    private static string Beside(string target) => $"{target}.{Guid.NewGuid():N}.part";

    private static void Flush(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Durable.FlushFile(file);
        }

        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            Durable.FlushFolder(inner);
        }
    }
}
