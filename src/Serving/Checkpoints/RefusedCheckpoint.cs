namespace Orca.Serving.Checkpoints;

/// <summary>The newest checkpoint of a folder, which was refused: when to try it again.</summary>
internal sealed class RefusedCheckpoint
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly string folder;
    private readonly string? stamp;
    private readonly TimeSpan wait;
    private readonly long due;
    private readonly bool couldNotBeRead;
    private readonly bool mayPass;
    private string? lastSeen;

    private RefusedCheckpoint(string folder, Exception? fault, TimeSpan wait, TimeProvider clock)
    {
        (this.folder, this.wait) = (folder, wait);
        (couldNotBeRead, mayPass) = (fault is not null && LoadFaults.IsOfReading(fault), fault is not null && !LoadFaults.IsOfContent(fault));
        due = clock.GetTimestamp() + (long)(wait.TotalSeconds * clock.TimestampFrequency);
        stamp = lastSeen = FileStamps.Of(folder);
    }

    /// <summary>One that was refused just now; each time that it is refused again it waits twice as long.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="fault">Why; null where it is in quarantine.</param>
    /// <param name="clock">Measures the waiting.</param>
    /// <param name="before">What was refused before.</param>
    public static RefusedCheckpoint For(string folder, Exception? fault, TimeProvider clock, RefusedCheckpoint? before)
    {
        var wait = before?.folder == folder ? 2 * before.wait : ShortestWait;
        return new RefusedCheckpoint(folder, fault, wait < LongestWait ? wait : LongestWait, clock);
    }

    /// <summary>
    /// Whether to try it again: its files have changed and then stood still from one look to the next, as when a copy has been
    /// completed; or its time has come where it could not be read, or where anything may have passed and it is needed.
    /// </summary>
    /// <param name="now">By the clock.</param>
    /// <param name="isNeeded">Nothing answers.</param>
    public bool IsDue(long now, bool isNeeded)
    {
        var seen = FileStamps.Of(folder);
        var hasChanged = seen != stamp && seen == lastSeen;
        lastSeen = seen;
        return hasChanged || (now >= due && (couldNotBeRead || (mayPass && isNeeded)));
    }
}
