namespace Orca.Streams.Tasks.Files;

/// <summary>
/// The files of a folder and its subfolders, each once, however many symbolic links lead to it or around in a circle: under its own name
/// where it lies below the folder, else under the first link's.
/// </summary>
internal sealed class FolderWalk
{
    private readonly HashSet<string> folders = [];
    private readonly HashSet<string> seen = [];
    private readonly Queue<string> links = new();
    private readonly List<string> files = [];

    /// <summary>Paths of the files below a folder.</summary>
    public static IReadOnlyList<string> Files(string folder)
    {
        var walk = new FolderWalk();
        walk.Enter(folder, RealPath(folder));
        while (walk.links.TryDequeue(out var link))
        {
            walk.Follow(link);
        }

        return walk.files;
    }

    private void Enter(string folder, string real)
    {
        if (!folders.Add(real))
        {
            return;
        }

        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, entry.Name);
            if (entry.LinkTarget is not null)
            {
                links.Enqueue(path);
            }
            else if (entry is DirectoryInfo)
            {
                Enter(path, Path.Combine(real, entry.Name));
            }
            else
            {
                Add(path, Path.Combine(real, entry.Name));
            }
        }
    }

    private void Follow(string link)
    {
        if (Directory.Exists(link))
        {
            Enter(link, RealPath(link));
        }
        else
        {
            Add(link, TargetOf(link));
        }
    }

    // One that leads nowhere, or to itself, is taken too: that it cannot be read is told when it is read.
    private static string TargetOf(string link)
    {
        try
        {
            return RealPath(link);
        }
        catch (IOException)
        {
            return link;
        }
    }

    private void Add(string path, string real)
    {
        if (seen.Add(real))
        {
            files.Add(path);
        }
    }

    // Of a path that exists, with no link in it.
    private static string RealPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
        {
            return full;
        }

        var entry = Path.Combine(RealPath(parent), Path.GetFileName(full));
        return File.ResolveLinkTarget(entry, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : entry;
    }
}
