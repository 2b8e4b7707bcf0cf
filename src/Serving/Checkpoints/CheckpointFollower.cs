using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>Has the newest checkpoint of a folder loaded, and every later one, those in quarantine left out.</summary>
/// <param name="loader">Loads them.</param>
/// <param name="quarantine">What must not be tried.</param>
/// <param name="versions">Where it is seen whether one answers.</param>
/// <param name="minInterval">From the beginning of one load to that of the next, at least.</param>
/// <param name="clock">Measures it.</param>
/// <param name="logger">Takes the log.</param>
internal sealed class CheckpointFollower(
    CheckpointLoader loader, Quarantine quarantine, VersionRegistry versions, TimeSpan minInterval, TimeProvider clock, ILogger logger)
{
    /// <summary>Goes on until cancelled.</summary>
    public async Task FollowAsync(CheckpointRoot root, CancellationToken cancellationToken)
    {
        await foreach (var folder in root.WatchAsync(cancellationToken))
        {
            var begun = clock.GetTimestamp();

            // A start with a damaged newest checkpoint serves the one before it.
            var candidates = versions.Active is null ? root.List().Reverse().Prepend(folder).Distinct() : [folder];
            foreach (var candidate in candidates.Where(IsWelcome))
            {
                if (await TryLoadAsync(candidate, cancellationToken))
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

    private bool IsWelcome(string folder)
    {
        if (quarantine.ReasonFor(folder) is not { } reason)
        {
            return true;
        }

        versions.Tally.Refused(RefusalCause.Quarantined);
        LoaderLog.LeftOut(logger, folder, reason);
        return false;
    }

    private async Task<bool> TryLoadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            await loader.LoadAsync(folder, loader.Begin(folder), activate: true, lift: false, cancellationToken);
            return true;
        }
        catch (ModelFormatException)
        {
            // On record and in the log.
            return false;
        }
    }
}
