namespace Orca.Serving.Admission;

/// <summary>
/// Who leaves a full queue for a newcomer: the last of the caller that has most in it, as long as that has more than the
/// newcomer's caller will have. So one caller's flood fills the queue for itself alone. Among tenants that one caller names
/// nobody is displaced: their names are for the caller to choose.
/// </summary>
internal static class Displacement
{
    /// <summary>The requests that leave; null where none may, and the newcomer is refused.</summary>
    /// <param name="queue">What waits.</param>
    /// <param name="ticket">The newcomer, not yet in the queue.</param>
    /// <param name="maxRequests">Requests that may wait.</param>
    /// <param name="maxTokens">Tokens that may wait; one request always may.</param>
    public static IReadOnlyList<Ticket<T>>? For<T>(FairQueue<T> queue, Ticket<T> ticket, int maxRequests, long maxTokens)
    {
        var own = queue.CallerOf(ticket.Caller);
        var others = queue.WaitingCallers.Where(caller => caller != own).Select(caller => new Rest<T>(caller)).ToList();
        var leaving = new List<Ticket<T>>();
        var (count, tokens) = (queue.Count, queue.Tokens);
        while (true)
        {
            var isFull = count >= maxRequests;
            if (!isFull && (count == 0 || tokens + ticket.Tokens <= maxTokens))
            {
                return leaving;
            }

            var most = isFull ? others.MaxBy(rest => (rest.Count, rest.Tokens)) : others.MaxBy(rest => (rest.Tokens, rest.Count));
            if (most is null || (isFull ? most.Count <= own.Waiting + 1 : most.Tokens <= own.WaitingTokens + ticket.Tokens))
            {
                return null;
            }

            leaving.Add(most.TakeLast());
            count--;
            tokens -= leaving[^1].Tokens;
        }
    }

    /// <summary>What would be left of one caller's waiting requests.</summary>
    private sealed class Rest<T>(CallerLine<T> caller)
    {
        private Stack<Ticket<T>>? fromTheLast;

        public int Count { get; private set; } = caller.Waiting;

        public long Tokens { get; private set; } = caller.WaitingTokens;

        public Ticket<T> TakeLast()
        {
            fromTheLast ??= new Stack<Ticket<T>>(caller.FromTheLast.Reverse());
            var last = fromTheLast.Pop();
            (Count, Tokens) = (Count - 1, Tokens - last.Tokens);
            return last;
        }
    }
}
