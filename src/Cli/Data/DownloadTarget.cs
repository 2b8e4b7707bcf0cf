using System.Text;
using Orca.Cli.Commands;

namespace Orca.Cli.Data;

/// <summary>Where the file of an address is put: never elsewhere than in the folder, or under the name, that was given.</summary>
internal static class DownloadTarget
{
    // Bytes of a file's name on the file systems in use, less what a part's note needs.
    private const int LongestName = 255 - 10;

    /// <summary>The path for the file of an address.</summary>
    /// <param name="source">The address.</param>
    /// <param name="to">A folder, which is there or ends in a slash, or the file's own path.</param>
    /// <exception cref="CommandException">It is to be a folder, and the address ends in no name that is safe in it.</exception>
    public static string Of(Uri source, string to)
    {
        if (!Path.EndsInDirectorySeparator(to) && !Directory.Exists(to))
        {
            return to;
        }

        var name = Uri.UnescapeDataString(source.Segments[^1]);
        return IsSafe(name) ? Path.Combine(to, name) : throw new CommandException(
            $"The address '{source}' ends in no name for a file; say with --to FILE where it is put.");
    }

    private static bool IsSafe(string name) => name.Length > 0 && name[0] != '.' && Encoding.UTF8.GetByteCount(name) <= LongestName
        && !name.Any(character => character is '/' or '\\' or ':' || char.IsControl(character));
}
