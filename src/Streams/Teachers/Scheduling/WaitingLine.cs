using System.Collections.Immutable;

namespace Orca.Streams.Teachers.Scheduling;

/// <summary>The requests that wait, in order, and those that wait for a moment before they do. Guarded by the scheduler.</summary>
internal sealed class WaitingLine(ImmutableArray<EndpointState> states)
{
    private readonly LinkedList<WaitingRequest> ready = new();
    private readonly PriorityQueue<WaitingRequest, TimeSpan> later = new();
    private int laterCount;

    /// <summary>Requests that wait, in either way.</summary>
    public int Count => ready.Count + laterCount;

    public void AddLast(WaitingRequest waiting) => waiting.Place = ready.AddLast(waiting);

    public void AddFirst(WaitingRequest waiting) => waiting.Place = ready.AddFirst(waiting);

    /// <summary>Adds a request that may be asked from a moment on.</summary>
    public void AddAt(WaitingRequest waiting, TimeSpan moment)
    {
        waiting.IsLater = true;
        laterCount++;
        later.Enqueue(waiting, moment);
    }

    public void Remove(WaitingRequest waiting)
    {
        if (waiting.Place is { } place)
        {
            ready.Remove(place);
            waiting.Place = null;
        }

        // It stays in the queue, where it is passed over.
        laterCount -= waiting.IsLater ? 1 : 0;
        waiting.IsLater = false;
    }

    /// <summary>Takes out the requests for which no endpoint is left.</summary>
    public List<WaitingRequest> TakeWithoutEndpoint()
    {
        var taken = ready.Concat(later.UnorderedItems.Select(item => item.Element).Where(waiting => waiting.IsLater))
            .Where(waiting => !waiting.Endpoints.Any()).ToList();
        taken.ForEach(Remove);
        return taken;
    }

    /// <summary>
    /// Starts calls for as many requests as endpoints have places for; returns when the next may start, if no call ends before.
    /// </summary>
    public TimeSpan Start(TimeSpan now)
    {
        var next = Arrive(now);
        var closed = states.Where(state => state.Stopped is not null).ToHashSet();
        for (var node = ready.First; node is not null && closed.Count < states.Length;)
        {
            var (waiting, after) = (node.Value, node.Next);
            EndpointState? chosen = null;
            foreach (var state in waiting.Endpoints.Where(state => !closed.Contains(state)))
            {
                var readyAt = state.HasPlace ? state.ReadyAt(now, waiting.Request) : TimeSpan.MaxValue;
                if (readyAt > now)
                {
                    // Nobody behind goes first: a long request would never have its turn.
                    closed.Add(state);
                    next = readyAt < next ? readyAt : next;
                }
                else if (chosen is null || state.Load < chosen.Load)
                {
                    chosen = state;
                }
            }

            if (chosen is not null)
            {
                Remove(waiting);
                waiting.Turn.TrySetResult(chosen.Start(now, waiting.Request));
            }

            node = after;
        }

        return next;
    }

    // A second call comes before those that were never asked: if first ones break, it tells whether the endpoint is well. What fails
    // again is behind them, or it could stand for the endpoint for ever.
    private void Return(WaitingRequest waiting)
    {
        if (waiting.Failures + waiting.Throttled <= 1)
        {
            AddFirst(waiting);
        }
        else
        {
            AddLast(waiting);
        }
    }

    private TimeSpan Arrive(TimeSpan now)
    {
        while (later.TryPeek(out var waiting, out var moment))
        {
            if (waiting.IsLater && moment > now)
            {
                return moment;
            }

            later.Dequeue();
            if (waiting.IsLater)
            {
                Remove(waiting);
                Return(waiting);
            }
        }

        return TimeSpan.MaxValue;
    }
}
