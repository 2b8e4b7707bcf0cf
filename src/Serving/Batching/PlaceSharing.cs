using Orca.Serving.Admission;

namespace Orca.Serving.Batching;

/// <summary>
/// Whose turn it is for a place. Callers share the places: a request of a caller that holds fewer goes before samples that wait
/// to begin or to go on; and where every place is taken, a request that has waited for <see cref="Patience"/> gets one of the
/// caller that holds most, if that one holds two more at least. Within a caller, what has begun goes first, by rank. Belongs
/// to the engine's thread.
/// </summary>
/// <remarks>So neither one request's many samples nor long answers keep another caller waiting for as long as they run.</remarks>
internal sealed class PlaceSharing
{
    /// <summary>How long a request waits before another caller gives up a place for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly AdmissionQueue queue;
    private readonly LaneSet lanes;
    private readonly Placement placement;
    private readonly Predicate<Sequence> fits;
    private readonly Predicate<Sequence> isOverdue;
    private readonly Predicate<string> holdsFewer;
    private int limit;

    /// <param name="queue">Those that wait to begin.</param>
    /// <param name="lanes">Those that have begun.</param>
    /// <param name="placement">Gives places.</param>
    /// <param name="laneFor">The lane a request would begin in; null where it can begin in none, and is to be refused.</param>
    /// <param name="clock">Tells who has waited long.</param>
    public PlaceSharing(AdmissionQueue queue, LaneSet lanes, Placement placement, Func<Sequence, Lane?> laneFor, TimeProvider clock)
    {
        (this.queue, this.lanes, this.placement) = (queue, lanes, placement);
        fits = sequence => laneFor(sequence) is not { } lane || placement.Fits(lane, sequence.Prompt.Length);
        isOverdue = sequence => clock.GetElapsedTime(sequence.Enqueued) >= Patience
            && laneFor(sequence) is { } lane && placement.HasBlocks(lane, sequence.Prompt.Length);
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
                return null;
            }
        }

        return queue.Count > 0 ? Overdue() : null;
    }

    private Sequence? Overdue()
    {
        var (richest, places) = lanes.MostPlaces();
        limit = places - 1;
        if (limit < 1 || queue.TryDequeue(isOverdue, holdsFewer) is not { } sequence)
        {
            return null;
        }

        placement.Preempt(lanes.LastOf(richest));
        return sequence;
    }
}
