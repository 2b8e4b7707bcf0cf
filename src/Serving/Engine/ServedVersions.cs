using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Execution;
using Orca.Serving.Requests;

namespace Orca.Serving.Engine;

/// <summary>
/// Which versions are loaded, which of them answer, and what becomes of running requests when that changes. Called between
/// steps, on the engine's thread alone.
/// </summary>
internal sealed class ServedVersions(
    Scheduler scheduler, EngineOptions options, VersionRegistry registry, TimeProvider clock, ILogger logger)
{
    private readonly Dictionary<long, List<TaskCompletionSource>> unloading = [];
    private Replacement? replacement;

    private volatile PublishedVersions published = PublishedVersions.None;

    /// <summary>What other threads may know.</summary>
    public PublishedVersions Published => published;

    /// <summary>Whether one version is about to take the place of all: nothing new begins until then.</summary>
    public bool IsReplacing => replacement is not null;

    /// <summary>How much of the cache each version has; other threads may read it.</summary>
    public CacheLedger Ledger { get; } = new();

    private LaneSet Lanes => scheduler.Lanes;

    /// <summary>Loads a version beside the others. Nothing is answered by it yet, unless a request names it.</summary>
    public void Install(StudentVersion next)
    {
        EngineInvariantException.Require(Lanes.Find(next.Number) is null, $"version {next.Number} is loaded twice");
        next.Attach(Lanes.All.Select(lane => lane.Version.Store).FirstOrDefault(store => next.Model.CanUse(store.Store)) ?? BlockStore.Create(next.Model, options, Ledger));
        Lanes.Add(new Lane(next));
        registry.Enter(next.Number, VersionState.Ready);
        Publish();
    }

    /// <summary>All traffic goes to a version from now on.</summary>
    /// <param name="version">Its number.</param>
    /// <param name="overrideInFlight">What becomes of running requests, whatever they ask for; null: what they ask for.</param>
    /// <exception cref="GenerationException">It is not loaded.</exception>
    public void Activate(long version, OnUpdate? overrideInFlight)
    {
        var lane = Loaded(version);
        Route(TrafficSplit.To(version));
        EngineLog.VersionActive(logger, version, lane.Version.Store.Pool.Count, lane.Version.ContextTokens);
        foreach (var sample in Lanes.All.Where(other => other != lane).SelectMany(other => other.Running.Concat(other.Waiting)).ToList())
        {
            // An abort may have taken it along with another of its request.
            if (!sample.HasEnded)
            {
                Update(sample, lane, overrideInFlight ?? sample.Sequence.Request.Weights.OnUpdate);
            }
        }
    }

    /// <summary>Divides traffic between versions. Running requests stay where they are.</summary>
    /// <exception cref="GenerationException">A version is not loaded, or the shares do not sum to 100 %.</exception>
    public void SetTraffic(TrafficSplit split)
    {
        if (split.Fault() is { } fault)
        {
            throw GenerationException.Invalid("traffic", fault);
        }

        foreach (var (version, _) in split.Shares)
        {
            Loaded(version);
        }

        Route(split);
    }

    /// <summary>Unloads a version when its last request has left.</summary>
    /// <param name="version">Its number.</param>
    /// <param name="done">Completed then.</param>
    /// <exception cref="GenerationException">It is not loaded, or traffic goes to it.</exception>
    public void Unload(long version, TaskCompletionSource done)
    {
        var lane = Loaded(version);
        if (scheduler.Traffic.Includes(version))
        {
            throw new GenerationException(Failure.VersionNotReady, $"Version {version} answers requests; activate another first.");
        }

        lane.IsLeaving = true;
        registry.Enter(version, VersionState.Draining);
        Publish();
        if (!unloading.TryGetValue(version, out var waiters))
        {
            unloading.Add(version, waiters = []);
        }

        waiters.Add(done);
    }

    /// <summary>
    /// Replaces every version by one that is loaded when the old weights are gone, so that memory holds one at a time.
    /// Requests of policy <see cref="OnUpdate.Pin"/> finish first; nothing new begins meanwhile.
    /// </summary>
    /// <param name="load">Loads the new version.</param>
    /// <param name="loadAgain">Loads what answered before again, where the new version cannot be loaded; hears why.</param>
    /// <param name="done">Completed when a version answers; faulted where neither could be loaded.</param>
    public void Replace(Func<StudentVersion> load, Func<Exception, StudentVersion> loadAgain, TaskCompletionSource done)
    {
        if (replacement is not null)
        {
            throw new GenerationException(Failure.VersionNotReady, "Another version is about to take over; try again when it has.");
        }

        replacement = new Replacement(load, loadAgain, done);
    }

    /// <summary>Does what had to wait: unloads versions nobody uses, replaces where nobody is pinned.</summary>
    public void Tidy()
    {
        for (var i = Lanes.All.Count - 1; i >= 0; i--)
        {
            if (Lanes.All[i] is { IsLeaving: true, IsEmpty: true } lane)
            {
                Retire(lane);
            }
        }

        if (replacement is { } pending && !Lanes.All.SelectMany(lane => lane.Running.Concat(lane.Waiting)).Any(IsPinned))
        {
            replacement = null;
            Replace(pending);
        }
    }

    /// <summary>Unloads everything, at the end. Nothing runs any more.</summary>
    public void RetireAll(Func<Exception> error)
    {
        scheduler.Traffic = TrafficSplit.None;
        replacement?.Done.TrySetException(error());
        foreach (var lane in Lanes.All.ToList())
        {
            Retire(lane);
        }
    }

    private static bool IsPinned(Sample sample) =>
        sample.Sequence.Request.Weights is { PinVersion: not null } or { OnUpdate: OnUpdate.Pin };

    private void Replace(Replacement pending)
    {
        var old = Lanes.All.ToList();
        try
        {
            foreach (var lane in old)
            {
                lane.Version.FreeWeights();
            }

            var next = InstallEither(pending);
            Activate(next.Number, overrideInFlight: null);
            EndThose(old, () => new GenerationException(
                Failure.StepFailed, $"Version {next.Number} took over and cannot continue the request; it may be tried again."));
            pending.Done.TrySetResult();
        }
        catch (Exception fault) when (fault is not EngineInvariantException)
        {
            scheduler.Traffic = TrafficSplit.None;
            EndThose(old, () => new GenerationException(
                Failure.StepFailed, "The version that was to take over could not be loaded; the request may be tried again.", fault));
            pending.Done.TrySetException(fault);
        }
    }

    /// <summary>Installs the new version, or the old one again: what is half loaded or cannot be given a cache is freed first.</summary>
    private StudentVersion InstallEither(Replacement pending)
    {
        try
        {
            return Installed(pending.Load());
        }
        catch (Exception fault) when (fault is not EngineInvariantException)
        {
            return Installed(pending.LoadAgain(fault));
        }
    }

    private StudentVersion Installed(StudentVersion next)
    {
        try
        {
            Install(next);
            return next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    private void EndThose(List<Lane> old, Func<Exception> error)
    {
        foreach (var lane in old)
        {
            while (!lane.IsEmpty)
            {
                scheduler.Fail((lane.Running.Count > 0 ? lane.Running[0] : lane.Waiting[0]).Sequence, error(), isSuspect: false);
            }

            Retire(lane);
        }
    }

    /// <summary>Applies a policy to a sample of another version. Where the new one cannot go on with it, it stays.</summary>
    private void Update(Sample sample, Lane next, OnUpdate policy)
    {
        var weights = sample.Sequence.Request.Weights;
        var canMove = weights.PinVersion is null && weights.MinVersion <= next.Version.Number
            && sample.Version.Language.Identity == next.Version.Language.Identity && sample.MostTokens <= next.Version.ContextTokens;
        if (policy == OnUpdate.Abort && weights.PinVersion is null)
        {
            sample.Sequence.EndEarly(EndReason.WeightsUpdated, clock);
            scheduler.Clear(sample.Sequence, isSuspect: false);
        }
        else if (policy is OnUpdate.Follow or OnUpdate.Recompute && canMove)
        {
            Move(sample, next, keepsCache: policy == OnUpdate.Follow && sample.Cached > 0 && sample.Version.Store == next.Version.Store);
        }
    }

    private void Move(Sample sample, Lane next, bool keepsCache)
    {
        var isSeated = sample.IsSeated;
        Lanes.Of(sample).Remove(sample);
        if (!keepsCache)
        {
            sample.GiveBlocksBack();
        }

        sample.MoveTo(next.Version);
        if (keepsCache && isSeated)
        {
            next.Seat(sample);
        }
        else
        {
            next.Wait(sample);
        }
    }

    private void Route(TrafficSplit split)
    {
        var before = scheduler.Traffic;
        scheduler.Traffic = split;
        foreach (var lane in Lanes.All)
        {
            var number = lane.Version.Number;
            if (split.Includes(number))
            {
                Keep(lane);
                registry.Activate(number);
            }
            else if (before.Includes(number))
            {
                registry.Enter(number, VersionState.Ready);
            }

            lane.Version.Store.Pool.Prefixes.Prefer(split.Shares.Select(share => share.Version));
        }

        Publish();
    }

    /// <summary>A version that was about to be unloaded answers again.</summary>
    private void Keep(Lane lane)
    {
        lane.IsLeaving = false;
        if (unloading.Remove(lane.Version.Number, out var waiters))
        {
            waiters.ForEach(waiter => waiter.TrySetException(new GenerationException(
                Failure.VersionChanged,
                $"Version {lane.Version.Number} was to be unloaded and answers again; unload it when another does.")));
        }
    }

    private void Retire(Lane lane)
    {
        var number = lane.Version.Number;
        Lanes.Remove(lane);
        lane.Version.Dispose();
        registry.Enter(number, VersionState.Unloaded);
        EngineLog.VersionRetired(logger, number);
        Publish();
        if (unloading.Remove(number, out var waiters))
        {
            waiters.ForEach(waiter => waiter.TrySetResult());
        }
    }

    private Lane Loaded(long version) => Lanes.Find(version) ?? throw new GenerationException(
        Failure.UnknownVersion,
        $"Version {version} is not loaded; those that are: {string.Join(", ", Lanes.All.Select(lane => lane.Version.Number))}.");

    private void Publish() => published = new PublishedVersions(
        scheduler.Traffic,
        Lanes.All.Where(lane => !lane.IsLeaving).ToImmutableDictionary(lane => lane.Version.Number, lane => new ActiveStudent(
            lane.Version.Number, lane.Version.Language, lane.Version.Model.Config, lane.Version.ContextTokens,
            Math.Min(options.MaxConcurrentRequests, lane.Version.Store.Pool.Count))
        {
            StepBytes = lane.Version.Model.StepBytes,
        }));

    private sealed record Replacement(Func<StudentVersion> Load, Func<Exception, StudentVersion> LoadAgain, TaskCompletionSource Done);
}
