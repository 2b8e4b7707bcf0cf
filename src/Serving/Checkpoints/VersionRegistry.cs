using System.Runtime.CompilerServices;

namespace Orca.Serving.Checkpoints;

/// <summary>What is known of every checkpoint seen. Safe to use from several threads; readers get snapshots.</summary>
public sealed class VersionRegistry(TimeProvider clock)
{
    /// <summary>Versions that are over are forgotten, oldest first, beyond this many.</summary>
    public const int Kept = 1_000;

    private readonly Lock gate = new();
    private readonly SortedDictionary<long, VersionRecord> records = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long lastNumber;
    private long lastSequence;

    /// <summary>The version new requests are answered by; null until the first is loaded.</summary>
    public VersionRecord? Active
    {
        get
        {
            lock (gate)
            {
                return records.Values.LastOrDefault(record => record.State == VersionState.Active);
            }
        }
    }

    /// <summary>Every version, newest first.</summary>
    public IReadOnlyList<VersionRecord> List()
    {
        lock (gate)
        {
            return [.. records.Values.Reverse()];
        }
    }

    /// <summary>One version; null where it is unknown or forgotten.</summary>
    public VersionRecord? Find(long number)
    {
        lock (gate)
        {
            return records.GetValueOrDefault(number);
        }
    }

    /// <summary>
    /// Every change after <paramref name="after"/>, in order, until cancelled; 0 begins with every version as it stands.
    /// Who reads slowly gets each version's newest state, not every one between.
    /// </summary>
    public async IAsyncEnumerable<VersionRecord> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            List<VersionRecord> news;
            Task next;
            lock (gate)
            {
                // A number this server has not reached comes from another one: begin anew.
                after = after > lastSequence ? 0 : after;
                news = [.. records.Values.Where(record => record.Sequence > after).OrderBy(record => record.Sequence)];
                next = changed.Task;
            }

            foreach (var record in news)
            {
                yield return record;
                after = record.Sequence;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Enters a checkpoint that is about to be looked at, and gives it its number.</summary>
    internal long Begin(string checkpoint)
    {
        lock (gate)
        {
            Put(new VersionRecord
            {
                Number = ++lastNumber,
                Checkpoint = checkpoint,
                Created = clock.GetUtcNow(),
                State = VersionState.Validating,
            });
            Forget();
            return lastNumber;
        }
    }

    /// <summary>Changes what is known of a version.</summary>
    internal void Update(long number, Func<VersionRecord, VersionRecord> change)
    {
        lock (gate)
        {
            Put(change(records[number]));
        }
    }

    /// <summary>It answers from now on.</summary>
    internal void Activate(long number) =>
        Update(number, record => record with { State = VersionState.Active, Activated = clock.GetUtcNow() });

    /// <summary>It is in some further state.</summary>
    internal void Enter(long number, VersionState state) => Update(number, record => record with { State = state });

    private void Put(VersionRecord record)
    {
        records[record.Number] = record with { Sequence = ++lastSequence };
        var waiters = changed;
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiters.SetResult();
    }

    private void Forget()
    {
        if (records.Count > Kept)
        {
            records.Remove(records.Values.First(record => record.State is VersionState.Unloaded or VersionState.Rejected).Number);
        }
    }
}
