using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// What was rejected for good reason, so that the same bytes are not tried again. Content that was read whole is remembered
/// by its digest, wherever it turns up, and over restarts where there is a file; files that are damaged by where they lie, how
/// long they are and when they were written, so that a better copy is welcome. Safe to use from several threads.
/// </summary>
/// <param name="clock">Dates the entries.</param>
/// <param name="file">Where content is remembered over restarts; null: nowhere.</param>
internal sealed class Quarantine(TimeProvider clock, QuarantineFile? file = null)
{
    /// <summary>Entries beyond this many are forgotten, oldest first.</summary>
    public const int Kept = 1_000;

    private readonly Lock gate = new();

    // What no file remembers.
    private readonly OrderedDictionary<string, string> reasons = new(StringComparer.Ordinal);

    /// <summary>Why a checkpoint must not be tried again; null where nothing speaks against it.</summary>
    public string? ReasonFor(string folder)
    {
        lock (gate)
        {
            return reasons.Count > 0 && FileStamps.Of(folder) is { } files && reasons.TryGetValue(files, out var damaged) ? damaged
                : ClaimedDigest(folder) is { } digest ? ReasonForDigest(digest)
                : null;
        }
    }

    /// <summary>Why content must not be tried again, whatever folder holds it; null where nothing speaks against it.</summary>
    public string? ReasonForDigest(string digest)
    {
        lock (gate)
        {
            return reasons.TryGetValue(digest, out var bad) ? bad : file?.Read().FirstOrDefault(entry => entry.Digest == digest)?.Reason;
        }
    }

    /// <summary>These files, as they lie there now, are no good.</summary>
    public void AddFiles(string folder, string reason)
    {
        if (FileStamps.Of(folder) is { } files)
        {
            Add(files, reason);
        }
    }

    /// <summary>This content is no good, whatever folder holds it.</summary>
    public void AddDigest(string digest, string reason)
    {
        if (digest.Length == 0)
        {
            return;
        }

        lock (gate)
        {
            var isKept = file?.TryChange(entries => entries.Any(entry => entry.Digest == digest)
                ? entries
                : [.. entries.Skip(entries.Length + 1 - Kept), new QuarantineEntry(digest, reason, clock.GetUtcNow())]);
            if (isKept != true)
            {
                Add(digest, reason);
            }
        }
    }

    /// <summary>Lets a checkpoint through that is to be tried.</summary>
    /// <param name="folder">Its folder; of its content only what its manifest claims is known.</param>
    /// <param name="lift">Whether it is taken out of quarantine; else it is refused where it is in there.</param>
    /// <exception cref="LoadRefusedException">It must not be tried again.</exception>
    public void Admit(string folder, bool lift)
    {
        if (lift && FileStamps.Of(folder) is { } files)
        {
            lock (gate)
            {
                reasons.Remove(files);
            }
        }

        if (lift && ClaimedDigest(folder) is { } digest)
        {
            Lift(digest);
        }

        if (ReasonFor(folder) is { } reason)
        {
            throw Refused(folder, reason);
        }
    }

    /// <summary>Lets content through that is to be tried.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="folder">Where it lies.</param>
    /// <param name="lift">Whether it is taken out of quarantine; else it is refused where it is in there.</param>
    /// <exception cref="LoadRefusedException">It must not be tried again.</exception>
    public void AdmitDigest(string digest, string folder, bool lift)
    {
        if (lift)
        {
            Lift(digest);
        }
        else if (ReasonForDigest(digest) is { } reason)
        {
            throw Refused(folder, reason);
        }
    }

    private static LoadRefusedException Refused(string folder, string reason) =>
        new($"'{folder}' is quarantined: {reason}", RefusalCause.Quarantined);

    private void Lift(string digest)
    {
        lock (gate)
        {
            reasons.Remove(digest);
            file?.TryChange(entries => entries.RemoveAll(entry => entry.Digest == digest));
        }
    }

    private void Add(string key, string reason)
    {
        lock (gate)
        {
            if (reasons.TryAdd(key, reason) && reasons.Count > Kept)
            {
                reasons.RemoveAt(0);
            }
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
