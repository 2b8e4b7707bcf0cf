using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orca.Serving.Admission;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Execution;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Engine;

/// <summary>
/// The engine's one thread: it takes versions over between steps, and schedules, runs and commits steps while there is
/// something to compute. Nothing else touches weights, caches, slots or running sequences.
/// </summary>
internal sealed class EngineThread
{
    private readonly ManualResetEventSlim work = new();
    private readonly ConcurrentQueue<Installation> installations = new();
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread thread;
    private readonly EngineOptions options;
    private readonly AdmissionQueue queue;
    private readonly VersionRegistry versions;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Scheduler scheduler;
    private readonly ModelRunner runner = new();
    private StudentVersion? current;
    private volatile ActiveStudent? active;
    private volatile bool isStopped;
    private long stopAt = long.MaxValue;
    private int running;
    private long steps;
    private long promptTokens;
    private long completionTokens;

    public EngineThread(EngineOptions options, AdmissionQueue queue, VersionRegistry versions, TimeProvider clock, ILogger logger)
    {
        (this.options, this.queue, this.versions, this.clock, this.logger) = (options, queue, versions, clock, logger);
        scheduler = new Scheduler(queue, options.MaxPrefillTokens, clock) { Retire = Retire, Leave = sequence => Left!(sequence) };
        thread = new Thread(Run) { Name = "orca engine", IsBackground = true };
    }

    /// <summary>Called on this thread with each sequence that has ended.</summary>
    public required Action<Sequence> Left { get; init; }

    /// <summary>Ends with the thread; faulted where the engine's state was broken.</summary>
    public Task Completion => completion.Task;

    /// <summary>The version new requests are bound to; null until the first.</summary>
    public ActiveStudent? Current => active;

    /// <summary>Whether no further request is taken.</summary>
    public bool IsStopping => Volatile.Read(ref stopAt) != long.MaxValue;

    /// <summary>Whether the thread takes nothing out of the queue any more.</summary>
    public bool IsStopped => isStopped;

    /// <summary>What it has done. Waiting is left to the queue.</summary>
    public EngineLoad Load => new(
        Volatile.Read(ref running), 0, Volatile.Read(ref steps), Volatile.Read(ref promptTokens), Volatile.Read(ref completionTokens));

    public void Start() => thread.Start();

    /// <summary>There is something new to see to.</summary>
    public void Wake() => work.Set();

    /// <summary>Ends the thread when nothing is in flight, or after the grace period.</summary>
    public void Stop(TimeSpan grace)
    {
        var at = clock.GetTimestamp() + (long)(grace.TotalSeconds * clock.TimestampFrequency);
        Volatile.Write(ref stopAt, Math.Min(at, Volatile.Read(ref stopAt)));
        Wake();
    }

    /// <summary>Hands over a version. Done when it answers; where that fails, the caller still owns it.</summary>
    public Task InstallAsync(StudentVersion version)
    {
        var installation = new Installation(version, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        installations.Enqueue(installation);
        Wake();
        if (isStopped)
        {
            RefuseInstallations();
        }

        return installation.Done.Task;
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
            work.Reset();
            TakeVersions();
            scheduler.DropLeavers();
            scheduler.Admit();
            Volatile.Write(ref running, scheduler.Running);
            if (scheduler.Schedule() is { } batch)
            {
                Step(batch);
            }
            else if (!IsStopping)
            {
                work.Wait();
            }
        }
    }

    private bool ShouldEnd() =>
        clock.GetTimestamp() >= Volatile.Read(ref stopAt) || (IsStopping && scheduler.Running == 0 && queue.Count == 0);

    private void Step(StepBatch batch)
    {
        ReadOnlySpan<DrawnToken?> drawn;
        try
        {
            drawn = runner.Run(batch);
        }
        catch (Exception fault) when (fault is not EngineInvariantException)
        {
            EngineLog.StepFailed(logger, fault, batch.Rows.Count, batch.Version.Number);
            scheduler.Fail(batch, new GenerationException(Failure.StepFailed, "A step of the engine failed; the request may be tried again.", fault));
            return;
        }

        Volatile.Write(ref steps, steps + 1);
        Volatile.Write(ref promptTokens, promptTokens + batch.PromptTokens);
        Volatile.Write(ref completionTokens, completionTokens + drawn.Length);
        scheduler.Commit(batch, drawn);
    }

    private void TakeVersions()
    {
        while (installations.TryDequeue(out var installation))
        {
            try
            {
                TakeOver(installation.Version);
                installation.Done.SetResult();
            }
            catch (Exception fault) when (fault is not EngineInvariantException)
            {
                installation.Done.SetException(fault);
            }
        }
    }

    private void TakeOver(StudentVersion next)
    {
        var config = next.Model.Config;
        next.Attach(current is not null && next.Model.CanUse(current.Cache.Store) ? current.Cache : SlotCache.Create(next.Model, options));
        var previous = current;
        current = next;
        active = new ActiveStudent(next.Number, next.Language, config, next.ContextTokens, next.Slots.Count);
        versions.Activate(next.Number);
        if (previous is not null)
        {
            versions.Enter(previous.Number, VersionState.Draining);
        }

        EngineLog.VersionActive(logger, next.Number, next.Slots.Count, next.ContextTokens);
        scheduler.Switch(next);
    }

    private void Retire(StudentVersion version)
    {
        version.Dispose();
        versions.Enter(version.Number, VersionState.Unloaded);
        EngineLog.VersionRetired(logger, version.Number);
    }

    private void End(Exception? fault)
    {
        isStopped = true;
        active = null;
        RefuseInstallations();
        try
        {
            scheduler.FailAll(() => fault is null
                ? new GenerationException(Failure.Stopping, "The server stops.")
                : new GenerationException(Failure.StepFailed, "The engine stopped: its state is broken.", fault));
        }
        catch (Exception broken)
        {
            EngineLog.EngineBroken(logger, broken);
            fault ??= broken;
        }

        Volatile.Write(ref running, 0);
        if (fault is null)
        {
            completion.SetResult();
        }
        else
        {
            completion.SetException(fault);
        }
    }

    private void RefuseInstallations()
    {
        while (installations.TryDequeue(out var installation))
        {
            installation.Done.SetException(new GenerationException(Failure.Stopping, "The server stops."));
        }
    }

    private sealed record Installation(StudentVersion Version, TaskCompletionSource Done);
}
