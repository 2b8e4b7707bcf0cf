using Microsoft.Extensions.Logging;
using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Has the newest checkpoint of a folder loaded, and every later one, those in quarantine left out. One that was refused is
/// tried again when its files have changed, and from time to time where they could not be read or nothing answers.
/// </summary>
/// <param name="loader">Loads them.</param>
/// <param name="quarantine">What must not be tried.</param>
/// <param name="versions">Where it is seen whether one answers.</param>
/// <param name="minInterval">From the beginning of one load to that of the next, at least.</param>
/// <param name="clock">Measures it.</param>
/// <param name="logger">Takes the log.</param>
internal sealed class CheckpointFollower(
    CheckpointLoader loader, Quarantine quarantine, VersionRegistry versions, TimeSpan minInterval, TimeProvider clock, ILogger logger)
{
    private RefusedCheckpoint? refused;

    /// <summary>Goes on until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled: it ends in no other way while the server is sound.</exception>
    public async Task FollowAsync(CheckpointRoot root, CancellationToken cancellationToken)
    {
        await foreach (var folder in root.WatchAsync(trouble => LoaderLog.PassedOver(logger, trouble), IsDue, cancellationToken))
        {
            var begun = clock.GetTimestamp();

            foreach (var candidate in CandidatesAfter(folder, root))
            {
                if (await TryLoadAsync(candidate, isNewest: candidate == folder, cancellationToken))
                {
                    break;
                }
            }

            var rest = minInterval - clock.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, clock, cancellationToken);
            }
        }
    }

    /// <summary>What to try, in order: a start with a damaged newest checkpoint serves the one before it.</summary>
    private IEnumerable<string> CandidatesAfter(string newest, CheckpointRoot root)
    {
        try
        {
            return versions.Active is null ? root.List().Reverse().Prepend(newest).Distinct() : [newest];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The watch tells of it.
            return [newest];
        }
    }

    private bool IsDue() => refused?.IsDue(clock.GetTimestamp(), isNeeded: versions.Active is null) ?? false;

    private async Task<bool> TryLoadAsync(string folder, bool isNewest, CancellationToken cancellationToken)
    {
        try
        {
            if (quarantine.ReasonFor(folder) is { } reason)
            {
                versions.Tally.Refused(RefusalCause.Quarantined);
                LoaderLog.LeftOut(logger, folder, reason);
                refused = isNewest ? RefusedCheckpoint.For(folder, null, clock, refused) : refused;
                return false;
            }

            await loader.LoadAsync(folder, loader.Begin(folder), LoadPurpose.Follow, lift: false, cancellationToken);
            refused = isNewest ? null : refused;
            return true;
        }
        catch (Exception fault) when (!LoadFaults.IsOfServer(fault))
        {
            // On record and in the log.
            cancellationToken.ThrowIfCancellationRequested();
            refused = isNewest ? RefusedCheckpoint.For(folder, fault, clock, refused) : refused;
            return false;
        }
    }
}
