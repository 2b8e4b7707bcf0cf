using System.Text;

namespace Orca.Serving.Security;

/// <summary>
/// Changes a small text file as a whole: readers, and whoever looks after a crash, see the old text or the new one. Changes come one
/// after the other, whichever process makes them. Owner, mode and name stay: a link is followed. A new file is its owner's alone.
/// </summary>
internal static class FileChange
{
    /// <summary>Makes one change.</summary>
    /// <param name="path">The file, which need not exist, or a link to it.</param>
    /// <param name="change">
    /// The new text of the old one, which is empty where there is no file. Each character stands for one byte, so that whatever is kept
    /// stays as it is.
    /// </param>
    /// <exception cref="IOException">The file cannot be read or replaced, or would change hands.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read or replace it.</exception>
    public static void Make(string path, Func<string, string> change)
    {
        var target = Target(Path.GetFullPath(path));
        using var alone = FolderLock.Take(Path.GetDirectoryName(target)!);
        var owner = FileOwner.Of(target);
        if (owner is { IsRegular: false })
        {
            throw new IOException("it is no regular file");
        }

        var old = File.Exists(target) ? Encoding.Latin1.GetString(File.ReadAllBytes(target)) : "";
        var beside = target + ".new";
        try
        {
            // Left there by a process that was killed.
            File.Delete(beside);
            Write(beside, Encoding.Latin1.GetBytes(change(old)));
            KeepOwner(beside, target, owner);
            File.Move(beside, target, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }

        alone.Flush();
    }

    private static string Target(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    private static void Write(string path, byte[] text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(text);
        file.Flush(flushToDisk: true);
    }

    private static void KeepOwner(string beside, string target, FileOwner? owner)
    {
        if (owner is { } former && !former.Take(beside))
        {
            throw new IOException($"it belongs to user {former.User} and group {former.Group}, which would change; run the command as "
                + "that user, or as root");
        }

        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            File.SetUnixFileMode(beside, File.GetUnixFileMode(target));
        }
    }
}
