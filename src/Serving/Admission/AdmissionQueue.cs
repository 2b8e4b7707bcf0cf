using Orca.Serving.Batching;
using Orca.Serving.Requests;

namespace Orca.Serving.Admission;

/// <summary>
/// The requests that wait for a place: bounded in number and tokens, refused at the door where they would wait too long,
/// taken by fair shares of the tenants. Safe to use from several threads.
/// </summary>
/// <remarks>
/// A sequence enters by <see cref="Enqueue"/> and is in flight until <see cref="Release"/>. Between, it waits until exactly
/// one of <see cref="TryDequeue"/>, <see cref="Remove"/> and <see cref="TakeExpired"/> has given it to its caller.
/// </remarks>
internal sealed class AdmissionQueue
{
    private readonly Lock gate = new();
    private readonly Dictionary<Sequence, Ticket<Sequence>> tickets = [];
    private readonly HashSet<Sequence> charged = [];
    private readonly SortedSet<Ticket<Sequence>> expiring = new(
        Comparer<Ticket<Sequence>>.Create((left, right) => (left.Expires, left.Number).CompareTo((right.Expires, right.Number))));

    private readonly WaitEstimate estimate = new();
    private readonly FairQueue<Sequence> queue;
    private readonly AdmissionDoor door;
    private readonly AdmissionOptions options;
    private readonly TimeProvider clock;
    private readonly Func<WorkRates?> rates;

    // What the queue holds, for those who only look: the engine does so before every step and must not wait, nor anyone for it.
    private int count;
    private long queuedTokens;
    private long queuedPromptTokens;

    /// <param name="maxRequests">Requests that may wait.</param>
    /// <param name="retryAfter">What a refused caller is told to wait at least.</param>
    /// <param name="options">The other limits, and the order.</param>
    /// <param name="clock">Measures waiting.</param>
    /// <param name="rates">The engine's speed; null before it is known. Called under the queue's lock.</param>
    public AdmissionQueue(int maxRequests, TimeSpan retryAfter, AdmissionOptions options, TimeProvider clock, Func<WorkRates?> rates)
    {
        (this.options, this.clock, this.rates) = (options, clock, rates);
        queue = new FairQueue<Sequence>(options.WeightOf);
        door = new AdmissionDoor(maxRequests, retryAfter, options, estimate);
    }

    /// <summary>Requests that wait.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Tokens of prompts and answers, as long as they may become, that wait.</summary>
    public long QueuedTokens => Volatile.Read(ref queuedTokens);

    /// <summary>Tokens of the prompts that wait.</summary>
    public long QueuedPromptTokens => Volatile.Read(ref queuedPromptTokens);

    /// <summary>Time stamp at which the first of those that wait expires; null where none does.</summary>
    public long? NextExpiry
    {
        get
        {
            lock (gate)
            {
                return expiring.Min?.Expires;
            }
        }
    }

    /// <summary>How long a request of a tenant would wait that came now; null before the engine's speed is known.</summary>
    public TimeSpan? EstimateWait(string tenant = "", string caller = "")
    {
        lock (gate)
        {
            return rates() is { } known ? estimate.Wait(queue, caller, tenant, known) : null;
        }
    }

    /// <summary>Refuses what would be refused however short its prompt is, so that no prompt is read in vain.</summary>
    /// <exception cref="GenerationException">It is refused, with when to try again.</exception>
    public void Check(SchedulingOptions scheduling)
    {
        var shortest = new Ticket<Sequence>(item: null!, scheduling.Tenant, tokens: 1, rank: 0) { Caller = scheduling.Caller, PromptTokens = 1 };
        lock (gate)
        {
            _ = door.Check(queue, shortest, PatienceOf(scheduling), rates());
        }
    }

    /// <summary>Takes a request in.</summary>
    /// <param name="sequence">The request.</param>
    /// <param name="answerTokens">Tokens its answer may have.</param>
    /// <returns>Those that left the queue for it: another caller's, who had more in it.</returns>
    /// <exception cref="GenerationException">It is refused, with when to try again.</exception>
    public IReadOnlyList<Sequence> Enqueue(Sequence sequence, long answerTokens)
    {
        var scheduling = sequence.Request.Scheduling;
        var now = clock.GetTimestamp();
        var patience = PatienceOf(scheduling);
        var ticket = new Ticket<Sequence>(
            sequence, scheduling.Tenant, sequence.Prompt.Length + answerTokens,
            Ticket<Sequence>.RankOf(now, scheduling.Priority, Stamps(options.PriorityAgeing)))
        {
            Caller = scheduling.Caller,
            PromptTokens = sequence.Prompt.Length,
            Expires = patience.Begin is { } begin ? now + Stamps(begin) : Ticket<Sequence>.Never,
        };
        lock (gate)
        {
            var displaced = door.Check(queue, ticket, patience, rates());
            foreach (var leaver in displaced)
            {
                Remove(leaver);
            }

            tickets.Add(sequence, ticket);
            queue.Add(ticket);
            if (ticket.Expires != Ticket<Sequence>.Never)
            {
                expiring.Add(ticket);
            }

            Note();
            return [.. displaced.Select(leaver => leaver.Item)];
        }
    }

    /// <summary>Takes the next request that fits; null where there is none.</summary>
    /// <param name="fits">Whether one fits.</param>
    /// <param name="mayCome">Whether it can be a caller's turn at all; null where it can be everyone's.</param>
    public Sequence? TryDequeue(Predicate<Sequence> fits, Predicate<string>? mayCome = null)
    {
        if (Count == 0)
        {
            return null;
        }

        lock (gate)
        {
            if (queue.Take(fits, mayCome) is not { } ticket)
            {
                return null;
            }

            expiring.Remove(ticket);
            charged.Add(ticket.Item);
            Note();
            return ticket.Item;
        }
    }

    /// <summary>Takes a request out, wherever it stands; false where it no longer waits.</summary>
    public bool Remove(Sequence sequence)
    {
        lock (gate)
        {
            return tickets.TryGetValue(sequence, out var ticket) && Remove(ticket);
        }
    }

    /// <summary>Takes out every request that has waited as long as it may.</summary>
    /// <param name="now">Time stamp.</param>
    public IReadOnlyList<Sequence> TakeExpired(long now)
    {
        lock (gate)
        {
            List<Sequence>? expired = null;
            while (expiring.Min is { } first && first.Expires <= now)
            {
                Remove(first);
                (expired ??= []).Add(first.Item);
            }

            return expired ?? [];
        }
    }

    /// <summary>
    /// A request is over, whatever became of it: its tenant is charged for what it used. Ignored where it is over already.
    /// </summary>
    /// <param name="sequence">The request.</param>
    /// <param name="answerTokens">Tokens of its answer.</param>
    /// <param name="isWhole">Whether the answer came to its own end, and says something about how long answers are.</param>
    public void Release(Sequence sequence, int answerTokens, bool isWhole)
    {
        lock (gate)
        {
            if (!tickets.Remove(sequence, out var ticket))
            {
                return;
            }

            Remove(ticket);
            var wasCharged = charged.Remove(sequence);
            queue.Settle(ticket, wasCharged ? Math.Max(0, ticket.Tokens - ticket.PromptTokens - answerTokens) : 0);
            if (isWhole)
            {
                estimate.Observe(answerTokens);
            }
        }
    }

    private bool Remove(Ticket<Sequence> ticket)
    {
        expiring.Remove(ticket);
        var wasWaiting = queue.Remove(ticket);
        Note();
        return wasWaiting;
    }

    private void Note()
    {
        Volatile.Write(ref count, queue.Count);
        Volatile.Write(ref queuedTokens, queue.Tokens);
        Volatile.Write(ref queuedPromptTokens, queue.PromptTokens);
    }

    private Patience PatienceOf(SchedulingOptions scheduling)
    {
        var left = scheduling.Deadline - clock.GetUtcNow();
        return new Patience(scheduling.MaxQueueTime, left is { } time && time < TimeSpan.Zero ? TimeSpan.Zero : left);
    }

    private long Stamps(TimeSpan time) => (long)Math.Min(time.TotalSeconds * clock.TimestampFrequency, long.MaxValue / 4);
}
