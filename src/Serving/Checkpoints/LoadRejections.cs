using Microsoft.Extensions.Logging;

namespace Orca.Serving.Checkpoints;

/// <summary>Puts a load that failed on record, in the log and in the metrics, and what was at fault for it in quarantine.</summary>
internal sealed class LoadRejections(VersionRegistry versions, Quarantine quarantine, ILogger logger)
{
    /// <summary>A load has failed.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="number">The version's number.</param>
    /// <param name="fault">What was thrown.</param>
    /// <returns>One sentence that says why.</returns>
    public string Note(string folder, long number, Exception fault)
    {
        var (reason, cause) = (LoadFaults.SentenceOf(fault, folder), LoadFaults.CauseOf(fault));
        var findings = fault is CheckpointRejectedException rejected
            ? rejected.Findings
            : (versions.Find(number)?.Findings ?? new ValidationFindings(false, false, 0, [])) with { Violations = [reason] };
        // First: whoever sees that it is rejected may have it loaded all the same, and lifts the quarantine then.
        Quarantine(folder, reason, fault);
        versions.Update(number, record => record with { State = VersionState.Rejected, Findings = findings, Refusal = cause });
        LoaderLog.CheckpointRejected(logger, folder, number, reason);
        if (cause is { } counted)
        {
            versions.Tally.Refused(counted);
        }

        if (LoadFaults.IsUnforeseen(fault))
        {
            LoaderLog.RejectedByDefect(logger, number, fault);
        }

        return reason;
    }

    private void Quarantine(string folder, string reason, Exception fault)
    {
        if (fault is CheckpointRejectedException bad)
        {
            quarantine.AddDigest(bad.Digest, reason);
        }

        if (LoadFaults.IsOfContent(fault))
        {
            quarantine.AddFiles(folder, reason);
        }
    }
}
