namespace Orca.Streams.Tasks.Files;

/// <summary>One file of a source.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Task">The task that its questions belong to: its path below the source's folder, without what its name ends in.</param>
internal sealed record SourceFile(string Path, string Task);

/// <summary>The files behind a source's path: a file, a folder with its subfolders, or a pattern with <c>*</c> and <c>**</c>.</summary>
internal static class SourceFiles
{
    /// <summary>What a compressed file's name ends in.</summary>
    public static readonly string[] Compressed = [".gz", ".zst"];

    /// <summary>Every file of a path, each once, ordered by its task.</summary>
    /// <param name="path">The path.</param>
    /// <param name="endings">What the names of a folder's files end in; compressed ones end in <see cref="Compressed"/> besides.</param>
    /// <param name="what">What is expected there, for messages.</param>
    /// <exception cref="TaskFormatException">There is no such path, or no such file in it.</exception>
    public static IReadOnlyList<SourceFile> Find(string path, string[] endings, string what)
    {
        if (File.Exists(path))
        {
            return [new SourceFile(path, TaskOf(Path.GetFileName(path), endings))];
        }

        var (folder, pattern) = PatternIn(path);
        if (!Directory.Exists(folder))
        {
            throw new TaskFormatException($"There is no file or folder '{folder}'; give the path of {what}.");
        }

        var files = FolderWalk.Files(folder)
            .Select(file => (Path: file, Name: Path.GetRelativePath(folder, file).Replace('\\', '/')))
            .Where(file => pattern is null ? IsOf(file.Name, endings) : FilePattern.Matches(pattern, file.Name))
            .Select(file => new SourceFile(file.Path, TaskOf(file.Name, endings)))
            .OrderBy(file => file.Task, StringComparer.Ordinal)
            .ToList();
        return files.Count > 0
            ? files
            : throw new TaskFormatException(pattern is null
                ? $"The folder '{path}' holds no {string.Join(" or ", endings)} file; give the path of {what}."
                : $"No file matches '{path}'; give the path of {what}.");
    }

    /// <summary>Whether there is something at a path: a file, a folder, or the folder that a pattern begins with.</summary>
    public static bool Exists(string path) => Path.Exists(path) || (PatternIn(path) is (var folder, not null) && Directory.Exists(folder));

    /// <summary>Data files of a folder that a source of these endings does not read.</summary>
    public static IReadOnlyList<string> NotRead(string path, string[] endings) => !Directory.Exists(path)
        ? []
        : [.. FolderWalk.Files(path).Where(file => !IsOf(file, endings) && IsData(file)).Select(file => Path.GetRelativePath(path, file))];

    /// <summary>What a file's name ends in, in lower case and without what its compression adds.</summary>
    public static string EndingOf(string path) => Path.GetExtension(WithoutCompression(path)).ToLowerInvariant();

    private static bool IsData(string name) => IsOf(name, [".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".arrow"]);

    private static bool IsOf(string name, string[] endings) =>
        endings.Contains(EndingOf(name)) && Path.GetFileName(name)[0] != '.';

    private static string TaskOf(string name, string[] endings)
    {
        var plain = WithoutCompression(name);
        return plain.Length < name.Length && !endings.Contains(EndingOf(name))
            ? plain
            : Path.ChangeExtension(plain, null)!;
    }

    private static string WithoutCompression(string name) =>
        Compressed.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } ending
            ? name[..^ending.Length]
            : name;

    // The folder before the first part with a star, and the rest.
    private static (string Folder, string? Pattern) PatternIn(string path)
    {
        var parts = path.Split('/');
        var first = Array.FindIndex(parts, part => part.Contains('*', StringComparison.Ordinal));
        if (first < 0 || Path.Exists(path))
        {
            return (path, null);
        }

        var folder = string.Join('/', parts[..first]);
        return (folder.Length > 0 ? folder : first > 0 ? "/" : ".", string.Join('/', parts[first..]));
    }
}
