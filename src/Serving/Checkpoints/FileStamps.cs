using System.Security.Cryptography;
using System.Text;

namespace Orca.Serving.Checkpoints;

/// <summary>Tells whether a model's files are still those that were looked at before, without reading them.</summary>
internal static class FileStamps
{
    /// <summary>Changes with where the files lie, how long they are and when they were written; null where that cannot be told.</summary>
    /// <param name="model">A folder, or a file.</param>
    public static string? Of(string model)
    {
        try
        {
            var files = File.Exists(model) ? [new FileInfo(model)] : new DirectoryInfo(model).GetFiles();
            var written = files.OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => FormattableString.Invariant($"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}\n"));
            return "files " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(model) + "\n" + string.Concat(written))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Opening it will say what is wrong.
            return null;
        }
    }
}
