namespace Orca.Cli.Commands;

/// <summary>Looks at a name before minutes of work, and not after them, whether something new can be written there.</summary>
internal static class NewOutput
{
    /// <summary>Nothing may be there, and the folder around it must be.</summary>
    /// <exception cref="CommandException">Something is there, or nothing to put it into.</exception>
    public static void RequireFile(string path)
    {
        if (Path.Exists(path))
        {
            throw Taken(path);
        }

        if (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) is { } folder && !Directory.Exists(folder))
        {
            throw new CommandException($"The folder '{folder}' does not exist; make it first, or give another name.");
        }
    }

    /// <summary>Nothing, or an empty folder, may be there.</summary>
    /// <exception cref="CommandException">Something is there.</exception>
    public static void RequireFolder(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw Taken(path);
        }
    }

    private static CommandException Taken(string path) => new($"'{path}' exists already; give another name, or remove it first.");
}
