using Orca.Cli.Commands;
using Orca.Cli.Doctor;

namespace Orca.Cli.Data;

/// <summary>
/// Brings several files onto the disk: looks first at what is there, so that a conflict is told before anything is fetched.
/// </summary>
/// <param name="downloader">Brings one.</param>
/// <param name="say">Prints a line.</param>
internal sealed class DataPull(Downloader downloader, Action<string> say)
{
    /// <summary>Brings those that are not there.</summary>
    /// <param name="downloads">The files.</param>
    /// <param name="replace">Whether another file at one's place is replaced.</param>
    /// <param name="cancellationToken">Ends it; the same call goes on later.</param>
    /// <exception cref="CommandException">Another file is in the way, or one cannot be had.</exception>
    public async Task RunAsync(IReadOnlyList<Download> downloads, bool replace, CancellationToken cancellationToken)
    {
        var missing = new List<Download>();
        foreach (var download in downloads)
        {
            if (!await IsThereAsync(download, replace, cancellationToken))
            {
                missing.Add(download);
            }
        }

        if (missing.Count < downloads.Count)
        {
            say($"{downloads.Count - missing.Count} of {downloads.Count} files are there already");
        }

        foreach (var download in missing)
        {
            await downloader.FetchAsync(download, replace, cancellationToken);
            say($"{download.Target}  {Size.Text(new FileInfo(download.Target).Length)}");
        }
    }

    private static async Task<bool> IsThereAsync(Download download, bool replace, CancellationToken cancellationToken)
    {
        if (Directory.Exists(download.Target))
        {
            throw new CommandException($"'{download.Target}' is a folder, where a file is to be put; give another place with --to.");
        }

        if (!File.Exists(download.Target))
        {
            return false;
        }

        var found = await Download.DigestAsync(download.Target, cancellationToken);
        return found == download.Sha256 || (replace ? false : throw new CommandException(
            $"'{download.Target}' is there and is another file (SHA-256 {found}, and {download.Sha256} is expected); move it away, give "
                + "another place with --to, or replace it with --force."));
    }
}
