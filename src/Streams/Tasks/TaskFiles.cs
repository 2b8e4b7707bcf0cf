using Microsoft.Win32.SafeHandles;

namespace Orca.Streams.Tasks;

/// <summary>The files behind a source's path, each with the name of its task.</summary>
internal static class TaskFiles
{
    /// <summary>
    /// The file itself, or every file of a folder and its subfolders whose name ends in <paramref name="extension"/>, each once,
    /// ordered by name.
    /// </summary>
    /// <returns>Path, and path below the folder without its extension.</returns>
    /// <exception cref="TaskFormatException">There is no such path, or the folder holds no such file.</exception>
    public static IReadOnlyList<(string Path, string Task)> Find(string path, string extension, string what)
    {
        if (File.Exists(path))
        {
            return [(path, Path.GetFileNameWithoutExtension(path))];
        }

        if (!Directory.Exists(path))
        {
            throw new TaskFormatException($"There is no file or folder '{path}'; give the path of {what}.");
        }

        var files = FolderWalk.Files(path, extension)
            .Select(file => (Path: file, Task: Path.ChangeExtension(Path.GetRelativePath(path, file), null).Replace('\\', '/')))
            .OrderBy(file => file.Task, StringComparer.Ordinal)
            .ToList();
        return files.Count > 0
            ? files
            : throw new TaskFormatException($"The folder '{path}' holds no {extension} file; give the path of {what}.");
    }

    /// <summary>Opens a file to read; null, and a fault, where that cannot be done.</summary>
    public static SafeFileHandle? Open(string path, IProgress<SourceFault> faults)
    {
        try
        {
            return File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            faults.Report(new SourceFault(path, 0, $"The file cannot be read: {failure.Message}"));
            return null;
        }
    }
}
