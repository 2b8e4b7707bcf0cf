namespace Orca.Serving.Checkpoints;

/// <summary>
/// How a version does while it answers, by the draws that requests leave to it. Written by the engine's thread alone; read by anyone.
/// While it is watched, it is compared with the version before it after every answer begun and every failed draw.
/// </summary>
internal sealed class VersionVitals
{
    private readonly TaskCompletionSource<string> tripped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Watch? watch;
    private long draws;
    private long nonFinite;
    private long answers;
    private long empty;
    private long ends;

    /// <summary>Ends with the reason when the version does so much worse than the one before that it should not answer; else never.</summary>
    public Task<string> Tripped => tripped.Task;

    /// <summary>What it has done so far.</summary>
    public VitalCounts Counts => new(
        Volatile.Read(ref draws), Volatile.Read(ref nonFinite), Volatile.Read(ref answers), Volatile.Read(ref empty), Volatile.Read(ref ends));

    /// <summary>Compares it from now on with what the version before it had done.</summary>
    public void Begin(VitalCounts before, TripwireOptions options) => watch = new Watch(Counts, before, options);

    /// <summary>Compares it no longer.</summary>
    public void End() => watch = null;

    /// <summary>Notes one token drawn, or not.</summary>
    /// <param name="isEnd">It is one by which the student ends its answer.</param>
    /// <param name="finite">Its logits were numbers; where they were not, nothing was drawn.</param>
    /// <param name="position">Its place in the answer, from 0.</param>
    public void Drew(bool isEnd, bool finite, int position)
    {
        Count(ref draws);
        if (!finite)
        {
            Count(ref nonFinite);
        }
        else if (isEnd)
        {
            Count(ref ends);
        }

        if (position == 0)
        {
            Count(ref answers);
            if (finite && isEnd)
            {
                Count(ref empty);
            }
        }

        if (!finite || position == 0)
        {
            Compare();
        }
    }

    // One writer, so no atomic addition; volatile, so that no reader sees half a number.
    private static void Count(ref long counter) => Volatile.Write(ref counter, counter + 1);

    private void Compare()
    {
        if (watch is not { } watched)
        {
            return;
        }

        var now = Counts - watched.AtStart;
        if (Tripwires.Judge(now, watched.Before, watched.Options) is { } reason)
        {
            watch = null;
            tripped.TrySetResult(reason);
        }
        else if (now.Answers >= watched.Options.WatchedAnswers)
        {
            watch = null;
        }
    }

    private sealed record Watch(VitalCounts AtStart, VitalCounts Before, TripwireOptions Options);
}

/// <summary>What a version has done.</summary>
/// <param name="Draws">Tokens drawn, or not for want of finite logits.</param>
/// <param name="NonFinite">Draws whose logits were not finite.</param>
/// <param name="Answers">Answers begun.</param>
/// <param name="Empty">Answers whose first token ended them.</param>
/// <param name="Ends">Answers that the student ended itself.</param>
internal readonly record struct VitalCounts(long Draws, long NonFinite, long Answers, long Empty, long Ends)
{
    public static VitalCounts operator -(VitalCounts all, VitalCounts earlier) => new(
        all.Draws - earlier.Draws, all.NonFinite - earlier.NonFinite, all.Answers - earlier.Answers,
        all.Empty - earlier.Empty, all.Ends - earlier.Ends);
}
