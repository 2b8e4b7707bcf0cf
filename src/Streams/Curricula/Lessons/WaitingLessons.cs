using Orca.Streams.Storage;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// Accepted traces of one stage that have not been taught yet: a queue for each task, in the order in which they were accepted. The
/// curriculum's loop owns it.
/// </summary>
internal sealed class WaitingLessons
{
    private readonly SortedDictionary<(string Collection, string Task), SortedSet<AcceptedPlace>> queues =
        new(Comparer<(string Collection, string Task)>.Create((left, right) =>
            string.CompareOrdinal(left.Collection, right.Collection) is not 0 and var order
                ? order : string.CompareOrdinal(left.Task, right.Task)));

    private static readonly Comparer<AcceptedPlace> ByPlace =
        Comparer<AcceptedPlace>.Create((left, right) => left.Place.CompareTo(right.Place));

    private readonly Dictionary<long, AcceptedPlace> places = [];

    /// <summary>How many wait.</summary>
    public int Count => places.Count;

    /// <summary>Puts a trace at the end of its queue.</summary>
    public void Add(AcceptedPlace trace)
    {
        if (!queues.TryGetValue((trace.Collection, trace.Task), out var queue))
        {
            queues[(trace.Collection, trace.Task)] = queue = new SortedSet<AcceptedPlace>(ByPlace);
        }

        queue.Add(trace);
        places[trace.Place] = trace;
    }

    /// <summary>Takes a trace out.</summary>
    public void Remove(AcceptedPlace trace)
    {
        if (queues.TryGetValue((trace.Collection, trace.Task), out var queue) && queue.Remove(trace))
        {
            places.Remove(trace.Place);
            if (queue.Count == 0)
            {
                queues.Remove((trace.Collection, trace.Task));
            }
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        queues.Clear();
        places.Clear();
    }

    /// <summary>The trace of a place; null where it does not wait.</summary>
    public AcceptedPlace? At(long place) => places.TryGetValue(place, out var found) ? found : null;

    /// <summary>Of each task the first lesson that may be taught now, and how many there are of it.</summary>
    /// <param name="mayBeTaught">Whether a task weighs anything.</param>
    /// <param name="isPaced">Whether the pace has come to a lesson.</param>
    public List<TaskHead> Heads(Func<string, string, bool> mayBeTaught, Func<AcceptedPlace, bool> isPaced) =>
    [
        .. queues.Where(pair => mayBeTaught(pair.Key.Collection, pair.Key.Task))
            .Select(pair => (First: pair.Value.Where(isPaced).Select(trace => (AcceptedPlace?)trace).FirstOrDefault(), pair.Value.Count))
            .Where(pair => pair.First is not null).Select(pair => new TaskHead(pair.First!.Value, pair.Count)),
    ];

    /// <summary>
    /// The same among so many that were accepted first: what there is then depends on the order of the lessons alone, not on how many have
    /// come already.
    /// </summary>
    /// <returns>The heads, and whether there are as many lessons.</returns>
    public (List<TaskHead> Heads, bool IsFull) FirstHeads(
        Func<string, string, bool> mayBeTaught, Func<AcceptedPlace, bool> isPaced, int most)
    {
        // A bounded heap of the earliest: the latest of them lies on top.
        var heap = new PriorityQueue<AcceptedPlace, long>();
        foreach (var ((collection, task), queue) in queues)
        {
            if (!mayBeTaught(collection, task))
            {
                continue;
            }

            foreach (var trace in queue)
            {
                if (heap.Count == most && trace.Place > heap.Peek().Place)
                {
                    break;
                }

                if (!isPaced(trace))
                {
                    continue;
                }

                heap.Enqueue(trace, -trace.Place);
                if (heap.Count > most)
                {
                    heap.Dequeue();
                }
            }
        }

        var heads = heap.UnorderedItems.Select(item => item.Element).GroupBy(trace => (trace.Collection, trace.Task))
            .Select(group => new TaskHead(group.MinBy(trace => trace.Place), group.Count()))
            .OrderBy(head => head.First.Place).ToList();
        return (heads, heap.Count == most);
    }
}

/// <summary>The first lesson of a task that waits, and how many wait.</summary>
internal readonly record struct TaskHead(AcceptedPlace First, int Count);
