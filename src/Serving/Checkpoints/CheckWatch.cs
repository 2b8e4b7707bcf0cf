namespace Orca.Serving.Checkpoints;

/// <summary>Runs the check of a checkpoint on a thread that yields to whoever is answered, and puts on record how far it is.</summary>
internal sealed class CheckWatch(VersionRegistry versions, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs it.</summary>
    /// <param name="number">The version's number.</param>
    /// <param name="check">The check, which says how far it is.</param>
    public async Task<T> RunAsync<T>(long number, Func<CheckProgress, T> check)
    {
        var progress = new CheckProgress();
        versions.Update(number, record => record with { State = VersionState.Validating });
        var work = LoadingThread.RunAsync(() => check(progress));
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Interval, clock, CancellationToken.None));
            versions.Update(number, progress.Note);
        }

        // It may have ended before the first look, or after the last.
        versions.Update(number, progress.Note);
        return await work;
    }
}
