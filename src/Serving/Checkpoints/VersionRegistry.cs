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
    private long generation;

    /// <summary>How often versions were rolled back and checkpoints refused.</summary>
    internal VersionTally Tally { get; } = new();

    /// <summary>The version that most new requests are answered by; null where none answers.</summary>
    public VersionRecord? Active
    {
        get
        {
            lock (gate)
            {
                return Read(records.Values.Where(record => record.State == VersionState.Active)
                    .MaxBy(record => (record.TrafficPercent, record.Number)));
            }
        }
    }

    /// <summary>Every version, newest first.</summary>
    public IReadOnlyList<VersionRecord> List()
    {
        lock (gate)
        {
            return [.. records.Values.Reverse().Select(record => Read(record)!)];
        }
    }

    /// <summary>One version; null where it is unknown or forgotten.</summary>
    public VersionRecord? Find(long number)
    {
        lock (gate)
        {
            return Read(records.GetValueOrDefault(number));
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
                news =
                [
                    .. records.Values.Where(record => record.Sequence > after).OrderBy(record => record.Sequence)
                        .Select(record => Read(record)!),
                ];
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
                State = VersionState.Staged,
            });
            Forget();
            return lastNumber;
        }
    }

    /// <summary>Changes what is known of a version, unless it is forgotten.</summary>
    internal void Update(long number, Func<VersionRecord, VersionRecord> change)
    {
        lock (gate)
        {
            if (records.TryGetValue(number, out var record))
            {
                Put(change(record));
            }
        }
    }

    /// <summary>New requests are divided anew: percents by version, all others get none.</summary>
    internal void Divide(IReadOnlyDictionary<long, int> percents)
    {
        lock (gate)
        {
            generation++;
            var moved = records.Values.Where(record => record.TrafficPercent != percents.GetValueOrDefault(record.Number));
            foreach (var record in moved.ToList())
            {
                Put(record with { TrafficPercent = percents.GetValueOrDefault(record.Number) });
            }
        }
    }

    /// <summary>It answers from now on.</summary>
    internal void Activate(long number) =>
        Update(number, record => record with { State = VersionState.Active, Activated = clock.GetUtcNow() });

    /// <summary>It is in some further state; one that is rejected stays so when it has left memory.</summary>
    internal void Enter(long number, VersionState state) => Update(
        number, record => record with { State = record.State == VersionState.Rejected ? VersionState.Rejected : state });

    private VersionRecord? Read(VersionRecord? record) => record is null ? null : record with { Generation = generation };

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
            if (records.Values.FirstOrDefault(record => record.State is VersionState.Unloaded or VersionState.Rejected) is { } over)
            {
                records.Remove(over.Number);
            }
        }
    }
}
