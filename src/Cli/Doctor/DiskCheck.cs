using System.Security.Cryptography;

namespace Orca.Cli.Doctor;

/// <summary>Whether the run's folder can be written, how much room there is, and how fast it takes what must not be lost.</summary>
internal static class DiskCheck
{
    private const string Section = "disk";

    private const int Bytes = 64 * 1024 * 1024;

    // A small run's traces, its checkpoints and the one being written.
    private const double Needed = 1e9;

    public static IEnumerable<Finding> Findings(string folder)
    {
        var full = Path.GetFullPath(folder);
        var existing = Existing(full);
        var free = new DriveInfo(existing).AvailableFreeSpace;
        yield return new Finding(Section, "run folder", full);
        yield return new Finding(
            Section, "free",
            free >= Needed
                ? Size.Text(free)
                : $"{Size.Text(free)}; expected at least {Size.Text(Needed)}: free some space or choose another folder with --run",
            free >= Needed);
        yield return Write(existing);
    }

    private static string Existing(string folder)
    {
        while (!Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder) ?? Path.GetPathRoot(Environment.CurrentDirectory)!;
        }

        return folder;
    }

    private static Finding Write(string folder)
    {
        var path = Path.Combine(folder, $".orca-doctor-{Environment.ProcessId}");
        try
        {
            var block = RandomNumberGenerator.GetBytes(Bytes);
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, 1, FileOptions.DeleteOnClose);
            // Nothing is left of it, however this ends.
            File.Delete(path);
            var started = TimeProvider.System.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            return new Finding(
                Section, "write and flush", $"{Size.Text(Bytes / TimeProvider.System.GetElapsedTime(started).TotalSeconds)}/s");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding(
                Section, "write and flush", $"'{folder}' cannot be written ({e.Message.TrimEnd('.')}); choose another folder with --run",
                Passed: false);
        }
    }
}
