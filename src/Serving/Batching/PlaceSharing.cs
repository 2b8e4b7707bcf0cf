using Orca.Serving.Admission;

namespace Orca.Serving.Batching;

/// <summary>
/// Whose turn it is for a place and blocks. Callers share them: a request of a caller that holds fewer places goes before
/// samples that wait to begin or to go on; where all are taken, a request that has waited for <see cref="Patience"/> gets those
/// of the caller that holds most, if that one holds two places more at least; and where blocks run out, that caller gives up its
/// own first. Within a caller, what has begun goes first, by rank. Belongs to the engine's thread.
/// </summary>
/// <remarks>So neither one request's many samples nor long answers keep another caller waiting for as long as they run.</remarks>
internal sealed class PlaceSharing
{
    /// <summary>How long a request waits before another caller gives up a place for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly AdmissionQueue queue;
    private readonly LaneSet lanes;
    private readonly Placement placement;
    private readonly Func<Sequence, Lane?> laneFor;
    private readonly Predicate<Sequence> fits;
    private readonly Predicate<Sequence> isOverdue;
    private readonly Predicate<string> holdsFewer;
    private string richest = "";
    private int limit;

    /// <param name="queue">Those that wait to begin.</param>
    /// <param name="lanes">Those that have begun.</param>
    /// <param name="placement">Gives places.</param>
    /// <param name="laneFor">The lane a request would begin in; null where it can begin in none, and is to be refused.</param>
    /// <param name="clock">Tells who has waited long.</param>
    public PlaceSharing(AdmissionQueue queue, LaneSet lanes, Placement placement, Func<Sequence, Lane?> laneFor, TimeProvider clock)
    {
        (this.queue, this.lanes, this.placement, this.laneFor) = (queue, lanes, placement, laneFor);
        fits = sequence => laneFor(sequence) is not { } lane || placement.Fits(lane, sequence.Prompt.Length);
        isOverdue = sequence => clock.GetElapsedTime(sequence.Enqueued) >= Patience
            && laneFor(sequence) is { } lane && placement.HasBlocks(lane, sequence.Prompt.Length, BlocksToGain(lane, sequence));
        holdsFewer = caller => lanes.PlacesOf(caller) < limit;
    }

    /// <summary>Gives places back to samples until it is a request's turn; null where nobody else can have a place.</summary>
    /// <param name="turn">The turn of the scheduler.</param>
    /// <returns>A request out of the queue, for which there is a place.</returns>
    public Sequence? Next(long turn)
    {
        while (placement.HasPlace)
        {
            limit = lanes.FewestPlacesOfWaiting();
            if (limit > 0 && queue.Count > 0 && queue.TryDequeue(fits, holdsFewer) is { } sequence)
            {
                return sequence;
            }

            if (!placement.TryResume(turn))
            {
                break;
            }
        }

        return queue.Count > 0 ? Overdue() : null;
    }

    /// <summary>
    /// Before blocks run out, a caller that holds more places than another gives up its last sample's. Otherwise whoever ranks
    /// last would lose its own: always the one that came last, however much those before it hold.
    /// </summary>
    public void EvenOut()
    {
        for (var i = 0; i < lanes.All.Count; i++)
        {
            var store = lanes.All[i].Version.Store;
            while (placement.Lacks(store) && lanes.Excess(store) is { } excess)
            {
                placement.Preempt(excess);
            }
        }
    }

    private Sequence? Overdue()
    {
        (richest, var places) = lanes.MostPlaces();
        limit = places - 1;
        if (limit < 1 || queue.TryDequeue(isOverdue, holdsFewer) is not { } sequence)
        {
            return null;
        }

        for (var lane = laneFor(sequence)!; !placement.Fits(lane, sequence.Prompt.Length) && lanes.PlacesOf(richest) > 0;)
        {
            placement.Preempt(lanes.LastOf(richest));
        }

        return sequence;
    }

    /// <summary>
    /// Blocks that the caller that holds most would free before it held but one place more than the caller of a request; shared
    /// ones do not count.
    /// </summary>
    private int BlocksToGain(Lane lane, Sequence sequence)
    {
        var blocks = 0;
        Sample? last = null;
        for (var spare = lanes.PlacesOf(richest) - lanes.PlacesOf(sequence.Request.Scheduling.Caller) - 1; spare > 0; spare--)
        {
            last = lanes.LastOf(richest, before: last);
            blocks += last.Version.Store == lane.Version.Store ? last.Table.Unshared : 0;
        }

        return blocks;
    }
}
