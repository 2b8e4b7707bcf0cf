using System.Security.Cryptography;
using System.Text;
using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// What was rejected for good reason, so that the same bytes are not tried again. Content that was read whole is remembered
/// by its digest, wherever it turns up; files that are damaged by where they lie, how long they are and when they were
/// written, so that a better copy is welcome. Safe to use from several threads.
/// </summary>
internal sealed class Quarantine
{
    /// <summary>Entries beyond this many are forgotten, oldest first.</summary>
    public const int Kept = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, string> reasons = new(StringComparer.Ordinal);
    private readonly Queue<string> order = [];

    /// <summary>Why a checkpoint must not be tried again; null where nothing speaks against it.</summary>
    public string? ReasonFor(string folder)
    {
        lock (gate)
        {
            return reasons.Count == 0 ? null
                : FilesKey(folder) is { } files && reasons.TryGetValue(files, out var damaged) ? damaged
                : ClaimedDigest(folder) is { } digest && reasons.TryGetValue(digest, out var bad) ? bad
                : null;
        }
    }

    /// <summary>These files, as they lie there now, are no good.</summary>
    public void AddFiles(string folder, string reason)
    {
        if (FilesKey(folder) is { } files)
        {
            Add(files, reason);
        }
    }

    /// <summary>This content is no good, whatever folder holds it.</summary>
    public void AddDigest(string digest, string reason)
    {
        if (digest.Length > 0)
        {
            Add(digest, reason);
        }
    }

    private void Add(string key, string reason)
    {
        lock (gate)
        {
            if (reasons.TryAdd(key, reason))
            {
                order.Enqueue(key);
            }

            if (order.Count > Kept)
            {
                reasons.Remove(order.Dequeue());
            }
        }
    }

    private static string? FilesKey(string folder)
    {
        try
        {
            var files = File.Exists(folder) ? [new FileInfo(folder)] : new DirectoryInfo(folder).GetFiles();
            var written = files.OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => FormattableString.Invariant($"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}\n"));
            return "files " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder) + "\n" + string.Concat(written))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing to remember it by: opening it will say what is wrong.
            return null;
        }
    }

    private static string? ClaimedDigest(string folder)
    {
        try
        {
            return CheckpointManifest.Read(folder)?.Digest;
        }
        catch (Model.ModelFormatException)
        {
            return null;
        }
    }
}
