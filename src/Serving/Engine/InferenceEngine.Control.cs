using System.Collections.Immutable;
using System.Threading.Channels;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Engine;

/// <summary>Versions, pauses and what goes on: everything but the requests themselves.</summary>
public sealed partial class InferenceEngine
{
    // Held to enter a request and to change whether any may: one that has entered is waited for, one that comes later is refused.
    private readonly Lock door = new();
    private volatile bool isDraining;
    private TaskCompletionSource? drained;

    private readonly Channel<long> failedSteps = Channel.CreateBounded<long>(
        new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropWrite, SingleWriter = true });

    /// <summary>The version that most traffic goes to; null until one answers.</summary>
    public long? ActiveVersion => thread.Versions.Published.Main?.Version;

    /// <summary>Which versions answer, and what share of the requests that ask for none, in percent.</summary>
    public ImmutableArray<(long Version, int Percent)> Traffic => thread.Versions.Published.Traffic.Shares;

    /// <summary>Whether steps are computed.</summary>
    public bool IsPaused => thread.IsPaused;

    /// <summary>Whether new requests are refused until those in flight have ended.</summary>
    public bool IsDraining => isDraining;

    /// <summary>The version that requests are checked against as they arrive.</summary>
    /// <exception cref="GenerationException">No version is loaded yet.</exception>
    internal ActiveStudent Current => thread.Versions.Published.For(new WeightPolicy());

    /// <summary>Requests that one caller can have in flight without filling the queue for others; 1 or more.</summary>
    /// <exception cref="GenerationException">No version is loaded yet.</exception>
    internal int MostAtOnce => Math.Min(Current.Slots, options.MaxQueuedRequests);

    /// <summary>Bytes that the engine's thread has allocated for steps, what callers are told left out.</summary>
    internal long StepBytes => thread.Counters.StepBytes;

    /// <summary>All traffic goes to a version, from the next step on.</summary>
    /// <param name="version">Its number.</param>
    /// <param name="overrideInFlight">
    /// What becomes of running requests, whatever they ask for; null: what each asks for. Those that name a version keep it.
    /// </param>
    /// <exception cref="GenerationException">It is not loaded.</exception>
    public Task ActivateAsync(long version, OnUpdate? overrideInFlight = null) => thread.Commands.PostAsync(() =>
    {
        thread.Versions.Activate(version, overrideInFlight);
        return version;
    });

    /// <summary>Frees a version when its requests have ended. Done then.</summary>
    /// <exception cref="GenerationException">It is not loaded, or answers.</exception>
    public Task UnloadAsync(long version) => thread.Commands.PostAsync(done => thread.Versions.Unload(version, done));

    /// <summary>Divides the requests that ask for no version between several. Running ones stay where they are.</summary>
    /// <param name="shares">In percent, 100 together.</param>
    /// <exception cref="GenerationException">A version is not loaded, or the shares do not sum to 100 %.</exception>
    public Task SetTrafficAsync(ImmutableArray<(long Version, int Percent)> shares) => thread.Commands.PostAsync(() =>
    {
        thread.Versions.SetTraffic(new TrafficSplit(shares));
        return shares;
    });

    /// <summary>Computes no steps from the one after this on. Requests still come, wait, and can be cancelled.</summary>
    public void Pause() => thread.IsPaused = true;

    /// <summary>Ends a pause, and a drain: new requests are taken again.</summary>
    public void Resume()
    {
        TaskCompletionSource? ended;
        lock (door)
        {
            isDraining = false;
            (ended, drained) = (drained, null);
        }

        thread.IsPaused = false;
        ended?.TrySetResult();
    }

    /// <summary>
    /// Refuses new requests until <see cref="Resume"/>. Done when those in flight have ended: each was answered in whole, or refused.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        Task done;
        lock (door)
        {
            drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            isDraining = true;
            done = drained.Task;
        }

        CompleteDrain();
        await done.WaitAsync(cancellationToken);
    }

    /// <summary>Every request in flight, oldest first.</summary>
    public IReadOnlyList<RequestSnapshot> Requests() => [.. inFlight.Values.OrderBy(sequence => sequence.Order).Select(Snapshot)];

    /// <summary>Requests that a version computes.</summary>
    public int RequestsOn(long version) => inFlight.Values.Count(sequence => sequence.First?.Version.Number == version);

    /// <summary>
    /// Tokens whose keys and values a version computed and the cache holds, for running requests or to be found again; a
    /// beginning that several share counts once.
    /// </summary>
    public long CachedTokensOf(long version) => thread.Versions.Ledger.TokensOf(version);

    /// <summary>
    /// Makes what a version left in the cache impossible to find; null: what every version left. Blocks in use stay with
    /// those who use them, so it can be done at any time.
    /// </summary>
    /// <returns>Blocks that became free.</returns>
    public Task<int> ResetPrefixCache(long? version = null) => thread.Commands.PostAsync(() => thread.Forget(version));

    /// <summary>Versions of which a step has failed, one entry a step; what nobody reads in time is left out.</summary>
    internal ChannelReader<long> FailedSteps => failedSteps.Reader;

    /// <summary>
    /// Loads a version beside those there are. It answers from <see cref="ActivateAsync"/> on; where loading fails, the caller still
    /// owns it.
    /// </summary>
    internal Task InstallAsync(StudentVersion version) => thread.Commands.PostAsync(() =>
    {
        thread.Versions.Install(version);
        return version;
    });

    /// <summary>
    /// Replaces every version by one, so that memory holds one at a time: requests that are pinned finish, the old weights
    /// are freed, and the new version is loaded on the engine's thread and answers. Where that fails the old one is loaded again;
    /// where that fails too, no version answers, and the requests that ran fail.
    /// </summary>
    /// <param name="load">Loads the new version.</param>
    /// <param name="loadAgain">Loads the old one again, and hears why.</param>
    internal Task ReplaceAsync(Func<StudentVersion> load, Func<Exception, StudentVersion> loadAgain) =>
        thread.Commands.PostAsync(done => thread.Versions.Replace(load, loadAgain, done));

    private void CompleteDrain()
    {
        if (!isDraining)
        {
            return;
        }

        lock (door)
        {
            if (isDraining && inFlight.IsEmpty)
            {
                drained?.TrySetResult();
            }
        }
    }

    /// <summary>Puts a request among those in flight.</summary>
    /// <exception cref="GenerationException">None is taken any more, or one of its name is in flight.</exception>
    private void Enter(Sequence sequence)
    {
        lock (door)
        {
            RefuseWhereClosed();
            if (!inFlight.TryAdd(sequence.Name, sequence))
            {
                throw new GenerationException(
                    Failure.DuplicateRequest, $"A request named '{sequence.Id}' is in flight; choose another name.");
            }
        }
    }

    private void RefuseWhereClosed()
    {
        if (thread.IsStopping)
        {
            throw Stopping();
        }

        if (isDraining)
        {
            throw Draining();
        }
    }

    private RequestSnapshot Snapshot(Sequence sequence)
    {
        var first = sequence.First;
        var state = first is null ? RequestState.Waiting
            : !first.IsSeated && !first.HasEnded ? RequestState.Preempted
            : sequence.Completion == 0 ? RequestState.Prefill : RequestState.Decode;
        return new RequestSnapshot(
            sequence.Id, state, first?.Version.Number, sequence.Prompt.Length, sequence.CachedPromptTokens, sequence.Completion,
            sequence.Request.Sampling.SampleCount, sequence.Request.Scheduling.Caller, sequence.Request.Scheduling.Tenant,
            sequence.Request.Scheduling.Priority,
            clock.GetElapsedTime(sequence.Enqueued));
    }

    private static GenerationException Draining() =>
        new(Failure.Draining, "The server takes no requests for now, and finishes those it has; ask another one.");
}
