using System.Runtime.CompilerServices;

namespace Orca.Model.Checkpoints;

/// <summary>
/// A folder of published checkpoints, as its readers see it. Folders that are being written are never seen.
/// </summary>
/// <param name="root">Path of the folder; it need not exist yet.</param>
/// <param name="time">Clock of the polling; null: the system's.</param>
/// <param name="pollInterval">
/// How often <see cref="WatchAsync"/> looks where nobody reports a change, as on shared volumes; null: 1 s.
/// </param>
public sealed class CheckpointRoot(string root, TimeProvider? time = null, TimeSpan? pollInterval = null)
{
    /// <summary>
    /// Path of the newest checkpoint: the one that the pointer names, or where the pointer is missing or torn the whole one
    /// of the highest step. Null where there is none.
    /// </summary>
    public string? Latest() => Look().Latest;

    /// <summary>Paths of all published checkpoints, by step.</summary>
    public IReadOnlyList<string> List() => [.. Steps().Where(folder => File.Exists(Path.Combine(folder, CheckpointLayout.ManifestName)))];

    /// <summary>
    /// The latest checkpoint, and every later one as it is published; those overtaken meanwhile are left out. A folder that
    /// cannot be read for a while is watched on.
    /// </summary>
    /// <param name="trouble">
    /// Told in a sentence why a checkpoint that claims to be the latest is passed over, or why none can be found: once for as long
    /// as it lasts, and not what is over at the second look, as while a checkpoint is being copied. Null: nobody is told.
    /// </param>
    /// <param name="isWantedAgain">Asked at each look whether the latest is to be given although it was given before; null: never.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="OperationCanceledException">The watch was cancelled: it ends in no other way.</exception>
    public async IAsyncEnumerable<string> WatchAsync(
        Action<string>? trouble, Func<bool>? isWantedAgain, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var changes = new FolderChanges(root, time ?? TimeProvider.System, pollInterval ?? TimeSpan.FromSeconds(1));
        var troubles = new LastingTrouble(trouble);
        string? seen = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (latest, fault) = TryLook();
            troubles.Note(fault);
            if (latest is not null && (latest != seen || isWantedAgain?.Invoke() == true))
            {
                seen = latest;
                yield return latest;
            }

            await changes.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The latest checkpoint, and every later one as it is published; those overtaken meanwhile are left out.</summary>
    /// <exception cref="OperationCanceledException">The watch was cancelled: it ends in no other way.</exception>
    public IAsyncEnumerable<string> WatchAsync(CancellationToken cancellationToken) => WatchAsync(null, null, cancellationToken);

    /// <summary>Deletes all but the newest checkpoints; never the one that the pointer names.</summary>
    /// <param name="keep">How many to keep, at least 1.</param>
    /// <param name="held">Path of one that is kept beside them, since it is being read; null for none.</param>
    /// <exception cref="CheckpointException">One cannot be deleted.</exception>
    public void Prune(int keep, string? held = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var latest = Latest();
        foreach (var folder in List().SkipLast(keep).Where(folder => folder != latest && folder != held))
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

    /// <summary>Paths of all folders with a checkpoint's name, by step.</summary>
    private IReadOnlyList<string> Steps() => !Directory.Exists(root) ? [] :
    [
        .. Directory.EnumerateDirectories(root)
            .Select(path => (Path: path, Step: CheckpointLayout.StepOf(Path.GetFileName(path))))
            .Where(item => item.Step is not null)
            .OrderBy(item => item.Step)
            .Select(item => item.Path),
    ];

    private (string? Latest, string? Trouble) TryLook()
    {
        try
        {
            return Look();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"The checkpoints in '{root}' cannot be read, so none is taken over until they can: {e.Message}");
        }
    }

    /// <summary>The latest checkpoint, and why what claims to be it is not; null where all is well.</summary>
    private (string? Latest, string? Trouble) Look()
    {
        var (pointed, fault) = Pointed();
        if (pointed is not null)
        {
            return (pointed, null);
        }

        var all = Steps();
        var latest = all.LastOrDefault(folder => FaultOf(folder) is null);
        fault ??= all.Count > 0 && all[^1] != latest ? $"'{all[^1]}' is passed over: it {FaultOf(all[^1])}" : null;
        return (latest, fault is null ? null : $"{fault}; {(latest is null ? "there is no other" : $"'{Path.GetFileName(latest)}' is taken instead")}.");
    }

    /// <summary>Path of the checkpoint that the pointer names; or what is wrong with it, where there is one.</summary>
    private (string? Folder, string? Fault) Pointed()
    {
        var pointer = Path.Combine(root, CheckpointLayout.PointerName);
        try
        {
            // A link to a checkpoint is a pointer too, whether that is there or not.
            var link = Path.GetFileName(Path.TrimEndingDirectorySeparator(new FileInfo(pointer).LinkTarget ?? ""));
            var name = CheckpointLayout.StepOf(link) is null ? File.ReadAllText(pointer).TrimEnd() : link;
            var folder = Path.Combine(root, name);
            var fault = CheckpointLayout.StepOf(name) is null ? "which is no checkpoint's name"
                : !Directory.Exists(folder) ? "which is not there"
                : FaultOf(folder) is { } incomplete ? $"which {incomplete}" : null;
            return fault is null ? (folder, null) : (null, $"'{pointer}' names '{name}', {fault}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"'{pointer}' cannot be read ({e.Message.TrimEnd('.')})");
        }
    }

    // What keeps a folder from being whole: its manifest reads and all files are there. Opening the checkpoint compares their digests too.
    private static string? FaultOf(string folder)
    {
        try
        {
            return CheckpointManifest.Read(folder) is not { } manifest
                ? $"has no {CheckpointLayout.ManifestName}"
                : manifest.Digests.Keys.FirstOrDefault(file => !File.Exists(Path.Combine(folder, file))) is { } missing
                    ? $"lacks '{missing}'"
                    : null;
        }
        catch (ModelFormatException unusable)
        {
            return $"is unusable: {unusable.Message.TrimEnd('.')}";
        }
    }

    /// <summary>Tells of what is wrong at two looks in a row, once.</summary>
    private sealed class LastingTrouble(Action<string>? tell)
    {
        private string? last;
        private string? told;

        public void Note(string? now)
        {
            if (now is null)
            {
                told = null;
            }
            else if (now == last && now != told)
            {
                told = now;
                tell?.Invoke(now);
            }

            last = now;
        }
    }
}
