using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Decides which of the loaded versions answer, how many stay loaded, and when one is given up for the one before. One change
/// at a time; safe to call from several threads.
/// </summary>
internal sealed class VersionSwitch : IAsyncDisposable
{
    private readonly InferenceEngine engine;
    private readonly VersionRegistry registry;
    private readonly LoadingOptions options;
    private readonly Quarantine quarantine;
    private readonly ILogger logger;
    private readonly VersionWatch watch;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly VersionUnloads unloads;
    private readonly CancellationTokenSource end = new();

    public VersionSwitch(InferenceEngine engine, VersionRegistry registry, LoadingOptions options, Quarantine quarantine, ILogger logger)
    {
        (this.engine, this.registry, this.options, this.quarantine, this.logger) = (engine, registry, options, quarantine, logger);
        watch = new VersionWatch(options.Tripwire, TryRollbackAsync);
        unloads = new VersionUnloads(engine, registry);
        Loaded = new LoadedVersions(registry);
    }

    /// <summary>Loads what answered before again, where no version is loaded to return to; false where there is nothing.</summary>
    public Func<string, Task<bool>>? Reload { get; init; }

    /// <summary>The versions in memory; only to be read.</summary>
    public LoadedVersions Loaded { get; }

    /// <summary>Ends only when something that goes on by itself fails, with what that threw.</summary>
    public Task Broken => Task.WhenAny(watch.Broken, unloads.Broken).Unwrap();

    /// <summary>
    /// Waits until no more versions than may be kept are on their way out of memory: requests that finish on them hold them there.
    /// </summary>
    public Task HasRoomAsync(CancellationToken cancellationToken) =>
        unloads.UntilFewerThanAsync(options.KeepVersions + 1, cancellationToken);

    /// <summary>Hands a version to the engine, beside those it has. Where that fails, the caller still owns it.</summary>
    public Task InstallAsync(StudentVersion version, LoadedVersion entry) => ChangeAsync(async () =>
    {
        await engine.InstallAsync(version);
        registry.Update(entry.Number, record => record with { State = VersionState.Ready, WeightBytes = entry.WeightBytes });
        Loaded.Add(entry);
        Trim(entry);
    });

    /// <summary>Has a version take the place of the one that answers, in its memory.</summary>
    /// <param name="load">Called on the engine's thread when the old one is gone from memory; gives the new one.</param>
    /// <param name="loadAgain">
    /// Called there where that failed, with why; gives the old one again. Where that fails too nothing answers.
    /// </param>
    public Task ReplaceAsync(
        Func<(StudentVersion Version, LoadedVersion Entry)> load,
        Func<Exception, (StudentVersion Version, LoadedVersion Entry)> loadAgain) => ChangeAsync(async () =>
    {
        var old = Loaded.Active!;
        LoadedVersion? next = null;
        StudentVersion Take((StudentVersion Version, LoadedVersion Entry) loaded)
        {
            next = loaded.Entry;
            return loaded.Version;
        }

        try
        {
            await engine.ReplaceAsync(() => Take(load()), fault => Take(loadAgain(fault)));
        }
        catch
        {
            Exchange(old, null);
            throw;
        }

        Exchange(old, next);
    });

    /// <summary>Has a loaded version answer new requests.</summary>
    /// <param name="number">The version.</param>
    /// <param name="etag">Its <see cref="VersionRecord.ETag"/> as last read; null is not compared.</param>
    /// <param name="inFlight">What becomes of the requests that run now; null: what each asked for.</param>
    /// <param name="validateOnly">Only says whether it could be done.</param>
    /// <exception cref="GenerationException">It is unknown, not loaded, or has changed since.</exception>
    public Task ActivateAsync(long number, string? etag, OnUpdate? inFlight, bool validateOnly) => ChangeAsync(async () =>
    {
        var version = Loaded.Find(number, etag);
        if (!validateOnly)
        {
            var start = version.Vitals.CountsOfCallers;
            await engine.ActivateAsync(number, inFlight);
            Enter(version, start);
        }
    });

    /// <summary>Gives up a version that was loaded and is rejected; its rejection is on record.</summary>
    public Task DiscardAsync(long number) => ChangeAsync(() =>
    {
        if (Loaded.All.Find(version => version.Number == number) is { } version && !Loaded.Answers(version))
        {
            Unload(version);
        }

        return Task.CompletedTask;
    });

    /// <summary>Returns to an earlier version, and quarantines the one left.</summary>
    /// <param name="to">The version to return to; null: the one that was active last.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cause">Who had it rolled back.</param>
    /// <returns>The version returned to.</returns>
    /// <exception cref="GenerationException">There is none, or it is not loaded.</exception>
    public async Task<long> RollbackAsync(long? to, string reason, RollbackCause cause)
    {
        var target = 0L;
        await ChangeAsync(async () => target = await RollbackAsync(
            Loaded.Active ?? throw new GenerationException(Failure.NoModel, "No version is loaded yet."), to, reason, cause));
        return target;
    }

    /// <summary>A version must not be loaded again.</summary>
    public void Condemn(LoadedVersion bad, string reason)
    {
        bad.IsCondemned = true;
        quarantine.AddDigest(bad.Source.Digest, reason);
        registry.Update(bad.Number, record => record with
        {
            Findings = (record.Findings ?? bad.Source.Findings) with { Violations = [$"It was rolled back: {reason}"] },
        });
    }

    /// <summary>Returns when no change is under way.</summary>
    public Task SettledAsync() => ChangeAsync(() => Task.CompletedTask);

    /// <summary>Divides new requests between loaded versions.</summary>
    /// <param name="shares">In percent, together 100; empty: all to the active version.</param>
    /// <exception cref="GenerationException">A version is unknown or not loaded, or the shares make no sense.</exception>
    public Task SetTrafficAsync(ImmutableArray<(long Version, int Percent)> shares) => ChangeAsync(async () =>
    {
        var asked = !shares.IsDefaultOrEmpty ? shares : Loaded.Active is { } active ? [(active.Number, 100)] : [];
        var answering = asked.Select(share => Loaded.Find(share.Version)).ToList();
        var newcomers = answering.Where(version => !Loaded.Answers(version))
            .Select(version => (Version: version, Start: version.Vitals.CountsOfCallers)).ToList();
        await engine.SetTrafficAsync(asked);
        if (Loaded.Active is { } before)
        {
            newcomers.ForEach(newcomer => watch.Begin(newcomer.Version, newcomer.Start, before));
        }

        Loaded.Divide(Loaded.Find(asked.MaxBy(share => (share.Percent, share.Version)).Version), asked);
    });

    /// <summary>Takes a version out of memory when its last request has ended.</summary>
    /// <exception cref="GenerationException">It is unknown, not loaded, or new requests go to it.</exception>
    public Task UnloadAsync(long number) => ChangeAsync(() =>
    {
        var version = Loaded.Find(number);
        if (Loaded.Answers(version))
        {
            throw new GenerationException(
                Failure.VersionNotReady, $"Version {number} answers new requests; activate another before it is unloaded.")
            { Subject = $"{number}" };
        }

        Unload(version);
        return Task.CompletedTask;
    });

    /// <summary>Takes versions out of memory and waits until they are, so that there is room for another.</summary>
    public async Task MakeRoomAsync(ImmutableArray<long> numbers, CancellationToken cancellationToken)
    {
        if (numbers.IsEmpty)
        {
            return;
        }

        await ChangeAsync(() =>
        {
            foreach (var version in Loaded.Kept.Where(version => numbers.Contains(version.Number)))
            {
                Unload(version);
            }

            return Task.CompletedTask;
        });
        await unloads.UntilFewerThanAsync(1, cancellationToken);
    }

    /// <summary>Ends the watches, and frees what the engine, which has ended, has left.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watch.DisposeAsync();
        await unloads.EndAsync();
        foreach (var version in Loaded.All)
        {
            version.Dispose();
        }

        end.Dispose();
        gate.Dispose();
    }

    /// <param name="version">The version that answers now.</param>
    /// <param name="start">What it had done before; null where it is not watched.</param>
    private void Enter(LoadedVersion version, ImmutableDictionary<string, VitalCounts>? start)
    {
        var previous = Loaded.Active;
        Loaded.Activate(version);
        previous?.Vitals.End();
        if (start is not null && previous is not null)
        {
            watch.Begin(version, start, previous);
        }

        Trim(version);
    }

    private void Exchange(LoadedVersion old, LoadedVersion? next)
    {
        Loaded.Remove(old);
        foreach (var other in Loaded.All)
        {
            // All are gone from memory, those with a share of the traffic too.
            Loaded.Remove(other);
            other.Dispose();
        }

        if (next is null)
        {
            Loaded.Clear();
            old.Dispose();
            return;
        }

        Loaded.Add(next);
        Loaded.Replaced = next.Source != old.Source ? old.Source.Opened.Source.Folder : Loaded.Replaced;
        Enter(next, next.Source != old.Source ? ImmutableDictionary<string, VitalCounts>.Empty : null);
        registry.Update(next.Number, record => record with { WeightBytes = next.WeightBytes });
        old.Leave();
        if (next.Source != old.Source)
        {
            old.Source.Dispose();
        }
    }

    /// <summary>Gives a version up: the active one for another, one that only has a share of the traffic for the active one.</summary>
    private async Task<long> RollbackAsync(LoadedVersion bad, long? to, string reason, RollbackCause cause)
    {
        var target = to is { } number ? Loaded.Find(number)
            : bad != Loaded.Active ? Loaded.Active!
            : Loaded.All.Where(version => version != bad).MaxBy(version => version.LastUse)
                ?? throw new GenerationException(
                    Failure.VersionNotReady, $"No version but {bad.Number} is loaded; load the checkpoint to return to.");
        if (target == bad)
        {
            throw new GenerationException(Failure.VersionNotReady, $"Version {bad.Number} answers already; name another to return "
                + "to.")
            { Subject = $"{bad.Number}" };
        }

        await engine.ActivateAsync(target.Number, null);
        Loaded.Remove(bad);
        Enter(target, start: null);
        Condemn(bad, reason);
        registry.Tally.RolledBack(cause);
        LoaderLog.RolledBack(logger, bad.Number, target.Number, reason);
        Unload(bad, VersionState.Rejected);
        return target.Number;
    }

    private async Task TryRollbackAsync(LoadedVersion version, string reason)
    {
        try
        {
            await ChangeAsync(() => Loaded.Answers(version)
                ? RollbackAsync(version, null, reason, RollbackCause.Tripwire)
                : Task.CompletedTask);
        }
        catch (Exception ended) when (LoadFaults.IsGivenUp(ended))
        {
            // The server stops.
        }
        catch (Exception obstacle) when (!LoadFaults.IsOfServer(obstacle))
        {
            await TryReloadAsync(version, obstacle, reason);
        }
    }

    /// <summary>
    /// Where no version is loaded to return to. One that cannot be left goes on: an answer that may be bad is better than none.
    /// </summary>
    private async Task TryReloadAsync(LoadedVersion version, Exception obstacle, string reason)
    {
        try
        {
            if (Reload is { } reload && await reload(reason))
            {
                return;
            }
        }
        catch (Exception failed) when (!LoadFaults.IsOfServer(failed))
        {
            obstacle = failed;
        }

        LoaderLog.NothingToRollBackTo(logger, version.Number, obstacle.Message.TrimEnd('.'), reason);
    }

    private void Trim(LoadedVersion newcomer)
    {
        foreach (var version in Loaded.Surplus(newcomer, options.KeepVersions))
        {
            Unload(version);
        }
    }

    private void Unload(LoadedVersion version, VersionState after = VersionState.Unloaded)
    {
        Loaded.Remove(version);
        unloads.Start(version, after);
    }

    private async Task ChangeAsync(Func<Task> change)
    {
        try
        {
            await gate.WaitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            throw new GenerationException(Failure.Stopping, "The server stops.");
        }

        try
        {
            await change();
        }
        finally
        {
            gate.Release();
        }
    }
}
