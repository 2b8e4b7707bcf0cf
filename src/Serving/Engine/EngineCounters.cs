using Orca.Serving.Batching;

namespace Orca.Serving.Engine;

/// <summary>What the engine has done. Written by its thread alone; read by anyone, each number for itself.</summary>
internal sealed class EngineCounters
{
    private int running;
    private int waiting;
    private int blocks;
    private int free;
    private int cached;
    private int used;
    private long steps;
    private long promptTokens;
    private long completionTokens;
    private long decodeSteps;
    private long decodeTokens;
    private double prefillSeconds;
    private double decodeSeconds;
    private long stepBytes;
    private long foundTokens;
    private long preemptions;

    /// <summary>Bytes that its thread has allocated for steps, what callers are told left out.</summary>
    public long StepBytes
    {
        get => Volatile.Read(ref stepBytes);
        set => Volatile.Write(ref stepBytes, value);
    }

    /// <summary>All of it; waiting requests of the queue are left out.</summary>
    public EngineLoad Load => new(
        Volatile.Read(ref running), Volatile.Read(ref waiting), Volatile.Read(ref steps),
        Volatile.Read(ref promptTokens), Volatile.Read(ref completionTokens))
    {
        Blocks = Volatile.Read(ref blocks),
        FreeBlocks = Volatile.Read(ref free),
        CachedBlocks = Volatile.Read(ref cached),
        UsedBlocks = Volatile.Read(ref used),
        FoundTokens = Volatile.Read(ref foundTokens),
        Preemptions = Volatile.Read(ref preemptions),
        DecodeSteps = Volatile.Read(ref decodeSteps),
        DecodeTokens = Volatile.Read(ref decodeTokens),
        PrefillSeconds = Volatile.Read(ref prefillSeconds),
        DecodeSeconds = Volatile.Read(ref decodeSeconds),
    };

    /// <summary>A step was computed.</summary>
    /// <param name="batch">What it had to do.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="prefill">Seconds of it that went into prompts.</param>
    public void Add(StepBatch batch, double seconds, double prefill)
    {
        Volatile.Write(ref steps, steps + 1);
        Volatile.Write(ref promptTokens, promptTokens + batch.PrefillTokens);
        Volatile.Write(ref completionTokens, completionTokens + batch.Draws);
        Volatile.Write(ref decodeSteps, decodeSteps + (batch.DecodeRows > 0 ? 1 : 0));
        Volatile.Write(ref decodeTokens, decodeTokens + batch.DecodeRows);
        Volatile.Write(ref prefillSeconds, prefillSeconds + prefill);
        Volatile.Write(ref decodeSeconds, decodeSeconds + seconds - prefill);
    }

    /// <summary>Takes note of what runs, and of the blocks.</summary>
    public void Note(Scheduler scheduler)
    {
        var (all, nothing, found, taken) = (0, 0, 0, 0);
        var lanes = scheduler.Lanes.All;
        for (var i = 0; i < lanes.Count; i++)
        {
            var store = lanes[i].Version.Store;
            var isFirst = true;
            for (var j = 0; j < i; j++)
            {
                isFirst &= lanes[j].Version.Store != store;
            }

            if (isFirst)
            {
                (all, nothing, found, taken) = (all + store.Pool.Count, nothing + store.Pool.Free, found + store.Pool.Cached, taken + store.Pool.Used);
            }
        }

        Volatile.Write(ref running, scheduler.Lanes.Running);
        Volatile.Write(ref waiting, scheduler.Lanes.Waiting);
        Volatile.Write(ref foundTokens, scheduler.Placement.FoundTokens);
        Volatile.Write(ref preemptions, scheduler.Placement.Preemptions);
        Volatile.Write(ref blocks, all);
        Volatile.Write(ref free, nothing);
        Volatile.Write(ref cached, found);
        Volatile.Write(ref used, taken);
    }
}
