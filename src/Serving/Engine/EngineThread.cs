using Microsoft.Extensions.Logging;
using Orca.Serving.Admission;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Execution;
using Orca.Serving.Requests;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Engine;

/// <summary>
/// The engine's one thread: between steps it does what others ask of it, and schedules, runs and commits steps while there
/// is something to compute. Nothing else touches weights, stores, blocks or running sequences.
/// </summary>
internal sealed class EngineThread
{
    private static readonly TimeSpan SitOutAtMost = TimeSpan.FromMilliseconds(10);

    private readonly ManualResetEventSlim work = new();
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread thread;
    private readonly EngineOptions options;
    private readonly AdmissionQueue queue;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Scheduler scheduler;
    private readonly MaskWorker masks;
    private readonly ModelRunner runner = new();
    private volatile bool isStopped;
    private volatile bool isPaused;
    private long stopAt = long.MaxValue;

    public EngineThread(EngineOptions options, AdmissionQueue queue, VersionRegistry versions, TimeProvider clock, ILogger logger)
    {
        (this.options, this.queue, this.clock, this.logger) = (options, queue, clock, logger);
        Commands = new EngineCommands(Wake, Stopping);
        masks = new MaskWorker(Wake);
        scheduler = new Scheduler(queue, options, clock, masks) { Leave = sequence => Left!(sequence) };
        Versions = new ServedVersions(scheduler, options, versions, clock, logger);
        thread = new Thread(Run) { Name = "orca engine", IsBackground = true };
    }

    /// <summary>Called on this thread with each sequence that has ended.</summary>
    public required Action<Sequence> Left { get; init; }

    /// <summary>Called on this thread with the version of which a step has failed.</summary>
    public required Action<long> StepFailed { get; init; }

    /// <summary>Ends with the thread; faulted where the engine's state was broken.</summary>
    public Task Completion => completion.Task;

    /// <summary>What it is to do between steps.</summary>
    public EngineCommands Commands { get; }

    /// <summary>
    /// The loaded versions. All but <see cref="ServedVersions.Published"/> and <see cref="ServedVersions.Ledger"/> is for
    /// <see cref="Commands"/>.
    /// </summary>
    public ServedVersions Versions { get; }

    /// <summary>What it has done.</summary>
    public EngineCounters Counters { get; } = new();

    /// <summary>Whether no further request is taken.</summary>
    public bool IsStopping => Volatile.Read(ref stopAt) != long.MaxValue;

    /// <summary>Whether the thread takes nothing out of the queue any more.</summary>
    public bool IsStopped => isStopped;

    /// <summary>Whether it computes no steps for now.</summary>
    public bool IsPaused
    {
        get => isPaused;
        set
        {
            isPaused = value;
            Wake();
        }
    }

    /// <summary>Drops what can be found in every store; null: of every version.</summary>
    /// <returns>Blocks that became free.</returns>
    public int Forget(long? version) =>
        scheduler.Lanes.All.Select(lane => lane.Version.Store).Distinct().ToList().Sum(store => store.Pool.Forget(version));

    public void Start() => thread.Start();

    /// <summary>There is something new to see to.</summary>
    public void Wake() => work.Set();

    /// <summary>Ends the thread when nothing is in flight, or after the grace period.</summary>
    public void Stop(TimeSpan grace)
    {
        var at = clock.GetTimestamp() + (long)(grace.TotalSeconds * clock.TimestampFrequency);
        Volatile.Write(ref stopAt, Math.Min(at, Volatile.Read(ref stopAt)));
        IsPaused = false;
    }

    private void Run()
    {
        Exception? fault = null;
        try
        {
            Loop();
        }
        catch (Exception broken)
        {
            fault = broken;
            EngineLog.EngineBroken(logger, broken);
        }

        End(fault);
    }

    private void Loop()
    {
        while (!ShouldEnd())
        {
            var (allocated, told) = (GC.GetAllocatedBytesForCurrentThread(), scheduler.ToldBytes);
            work.Reset();
            Commands.RunAll();
            scheduler.DropLeavers();
            Versions.Tidy();
            if (TryStep())
            {
                Counters.StepBytes += GC.GetAllocatedBytesForCurrentThread() - allocated - (scheduler.ToldBytes - told);
            }
            else if (scheduler.SomeoneSitsOut && !isPaused)
            {
                // The worker wakes it; where it is to stop, that may be before.
                Counters.Note(scheduler);
                work.Wait(SitOutAtMost);
            }
            else if (!IsStopping && (isPaused || scheduler.Lanes.Waiting == 0))
            {
                Counters.Note(scheduler);
                work.Wait();
            }
        }
    }

    private bool TryStep()
    {
        if (isPaused)
        {
            return false;
        }

        if (Versions.IsReplacing)
        {
            scheduler.Placement.Resume(scheduler.Turn);
        }
        else
        {
            scheduler.Admit();
        }

        var batch = scheduler.Schedule();
        if (batch is null)
        {
            return false;
        }

        Step(batch);
        Counters.Note(scheduler);
        if (options.Audit)
        {
            scheduler.Lanes.Audit();
        }

        return true;
    }

    private bool ShouldEnd() => clock.GetTimestamp() >= Volatile.Read(ref stopAt)
        || (IsStopping && scheduler.Lanes.Running == 0 && scheduler.Lanes.Waiting == 0 && queue.Count == 0);

    private void Step(StepBatch batch)
    {
        var (store, start) = (batch.Version.Store, clock.GetTimestamp());
        try
        {
            runner.Run(batch);
        }
        catch (Exception fault) when (fault is not EngineInvariantException)
        {
            EngineLog.StepFailed(logger, fault, batch.Rows.Count, batch.Version.Number);
            scheduler.Fail(
                batch, new GenerationException(Failure.StepFailed, "A step of the engine failed; the request may be tried again.", fault));
            StepFailed(batch.Version.Number);
            return;
        }

        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        var prefill = store.Times.Record(batch.DecodeRows > 0, batch.PrefillTokens, seconds);
        Counters.Add(batch, seconds, prefill);
        scheduler.Commit(batch, runner);
    }

    private void End(Exception? fault)
    {
        isStopped = true;
        masks.Dispose();
        Commands.Close();
        try
        {
            scheduler.FailAll(() => fault is null ? Stopping()
                : new GenerationException(Failure.StepFailed, "The engine stopped: its state is broken.", fault));
            Versions.RetireAll(Stopping);
        }
        catch (Exception broken)
        {
            EngineLog.EngineBroken(logger, broken);
            fault ??= broken;
        }

        Counters.Note(scheduler);
        if (fault is null)
        {
            completion.SetResult();
        }
        else
        {
            completion.SetException(fault);
        }
    }

    private static GenerationException Stopping() => new(Failure.Stopping, "The server stops.");
}
