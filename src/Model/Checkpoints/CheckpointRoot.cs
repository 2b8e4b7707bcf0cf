using System.Runtime.CompilerServices;

namespace Orca.Model.Checkpoints;

/// <summary>
/// A folder of published checkpoints, as its readers see it. Folders that are being written are never seen.
/// </summary>
/// <param name="root">Path of the folder; it need not exist yet.</param>
/// <param name="time">Clock of the polling; null: the system's.</param>
/// <param name="pollInterval">How often <see cref="WatchAsync"/> looks where nobody reports a change, as on shared volumes; null: 1 s.</param>
public sealed class CheckpointRoot(string root, TimeProvider? time = null, TimeSpan? pollInterval = null)
{
    /// <summary>
    /// Path of the newest checkpoint: the one that the pointer names, or where the pointer is missing or torn the whole one
    /// of the highest step. Null where there is none.
    /// </summary>
    public string? Latest() => Pointed() ?? List().LastOrDefault(IsWhole);

    /// <summary>Paths of all published checkpoints, by step.</summary>
    public IReadOnlyList<string> List()
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(root)
            .Select(path => (Path: path, Step: CheckpointLayout.StepOf(Path.GetFileName(path))))
            .Where(item => item.Step is not null && File.Exists(Path.Combine(item.Path, CheckpointLayout.ManifestName)))
            .OrderBy(item => item.Step)
            .Select(item => item.Path)];
    }

    /// <summary>The latest checkpoint, and every later one as it is published; those overtaken meanwhile are left out.</summary>
    /// <exception cref="OperationCanceledException">The watch was cancelled: it ends in no other way.</exception>
    public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var changes = new FolderChanges(root, time ?? TimeProvider.System, pollInterval ?? TimeSpan.FromSeconds(1));
        string? seen = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Latest() is { } latest && latest != seen)
            {
                seen = latest;
                yield return latest;
            }

            await changes.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Deletes all but the newest checkpoints; never the one that the pointer names.</summary>
    /// <param name="keep">How many to keep, at least 1.</param>
    /// <exception cref="CheckpointException">One cannot be deleted.</exception>
    public void Prune(int keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var latest = Latest();
        foreach (var folder in List().SkipLast(keep).Where(folder => folder != latest))
        {
            // Renamed first, so that nobody sees it half-deleted.
            var hidden = Path.Combine(root, CheckpointLayout.HiddenName(CheckpointLayout.StepOf(Path.GetFileName(folder))!.Value));
            try
            {
                Directory.Move(folder, hidden);
                Directory.Delete(hidden, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CheckpointException($"Old checkpoint '{folder}' cannot be deleted: {e.Message}", e);
            }
        }
    }

    /// <summary>Path of the checkpoint that the pointer names; null where the pointer is missing or torn.</summary>
    private string? Pointed()
    {
        try
        {
            var name = File.ReadAllText(Path.Combine(root, CheckpointLayout.PointerName)).TrimEnd();
            var folder = Path.Combine(root, name);
            return CheckpointLayout.StepOf(name) is not null && IsWhole(folder) ? folder : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Its manifest reads and all files are there. Opening the checkpoint compares their digests too.
    private static bool IsWhole(string folder)
    {
        try
        {
            return CheckpointManifest.Read(folder) is { } manifest
                && manifest.Digests.Keys.All(file => File.Exists(Path.Combine(folder, file)));
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }
}
