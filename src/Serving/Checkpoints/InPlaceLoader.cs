using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Loads a version in the place of the one that answers, which is gone from memory meanwhile; where that fails, it comes back.
/// </summary>
internal sealed class InPlaceLoader(CheckpointReader reader, VersionRegistry versions, VersionSwitch versionSwitch, ILogger logger)
{
    /// <summary>Loads a checkpoint.</summary>
    /// <param name="candidate">The checkpoint; the version's from here on, or freed.</param>
    /// <param name="number">The version's number.</param>
    /// <param name="active">The version that answers.</param>
    /// <exception cref="CheckpointRejectedException">
    /// The probe found it unfit; what answered before answers again, under a new number.
    /// </exception>
    /// <exception cref="Exception">It failed half-way; likewise, unless that fails too: then nothing answers.</exception>
    public async Task LoadAsync(CheckedCheckpoint candidate, long number, LoadedVersion active)
    {
        ExceptionDispatchInfo? fault = null;
        try
        {
            await versionSwitch.ReplaceAsync(
                () => LoadInstead(candidate, number, active),
                failed =>
                {
                    fault = ExceptionDispatchInfo.Capture(failed);
                    LoaderLog.LoadedAgain(logger, number, active.Number, LoadFaults.SentenceOf(failed, candidate.Opened.Source.Folder));
                    return LoadAgain(active);
                });
        }
        catch
        {
            candidate.Dispose();
            throw;
        }

        if (fault is not null)
        {
            // As it was thrown: whether it was the checkpoint's fault is for others to say.
            candidate.Dispose();
            fault.Throw();
        }
    }

    private (StudentVersion, LoadedVersion) LoadInstead(CheckedCheckpoint candidate, long number, LoadedVersion active)
    {
        var probed = reader.Load(candidate, number, active.Standard, isBeside: false);
        probed.Note(versions, logger);
        return (probed.Version, new LoadedVersion(number, candidate, probed.Reading, probed.Version));
    }

    /// <summary>
    /// Under a new number, since what the cache holds of the old one is gone; from the files it was loaded from, which are open still.
    /// </summary>
    private (StudentVersion, LoadedVersion) LoadAgain(LoadedVersion old)
    {
        var record = versions.Find(old.Number);
        var number = versions.Begin(record?.Checkpoint ?? Path.GetFileName(old.Source.Opened.Source.Folder));
        var again = reader.LoadUnprobed(old.Source.Opened, number, isBeside: false);
        versions.Update(number, begun => begun with
        {
            Digest = old.Source.Digest,
            TrainerStep = record?.TrainerStep ?? 0,
            Findings = record?.Findings ?? old.Source.Findings,
        });
        return (again, new LoadedVersion(number, old.Source, old.Reading, again));
    }
}
