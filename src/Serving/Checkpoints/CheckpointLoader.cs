using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Serving.Batching;
using Orca.Serving.Engine;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Brings checkpoints to the engine: reads, checks and probes each beside the running engine, and hands over those that pass.
/// One that fails is rejected, with the reason on record, and what is served stays as it is. One at a time; of those that
/// wait for their turn the newest goes on, the others are left out.
/// </summary>
internal sealed class CheckpointLoader : IAsyncDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(50);

    private readonly VersionRegistry versions;
    private readonly EngineOptions engineOptions;
    private readonly LoadingOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CheckpointReader reader;
    private readonly Quarantine quarantine = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private long newest;

    public CheckpointLoader(
        InferenceEngine engine, VersionRegistry versions, EngineOptions engineOptions, LoadingOptions options, TimeProvider clock, ILogger logger)
    {
        (this.versions, this.engineOptions, this.options, this.clock, this.logger) = (versions, engineOptions, options, clock, logger);
        reader = new CheckpointReader(engineOptions, options);
        Switch = new VersionSwitch(engine, versions, options, quarantine, logger);
    }

    /// <summary>Decides which of the loaded versions answer.</summary>
    public VersionSwitch Switch { get; }

    /// <summary>Enters a checkpoint that is to be loaded, and gives it its number.</summary>
    public long Begin(string folder)
    {
        var number = versions.Begin(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        Volatile.Write(ref newest, number);
        return number;
    }

    /// <summary>Loads one folder that has its number.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="number">From <see cref="Begin"/>.</param>
    /// <param name="activate">Whether it answers as soon as it is loaded; else it waits to be asked.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">It was rejected; the message says why.</exception>
    public async Task LoadAsync(string folder, long number, bool activate, CancellationToken cancellationToken)
    {
        try
        {
            await turn.WaitAsync(cancellationToken);
            try
            {
                RefuseKnown(folder, number);
                await Switch.HasRoomAsync(cancellationToken);
                await LoadNowAsync(folder, number, activate, cancellationToken);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception fault) when (fault is not EngineInvariantException)
        {
            Reject(folder, number, fault);
            if (IsFaultOfCheckpoint(fault))
            {
                throw fault as ModelFormatException ?? new ModelFormatException(fault.Message, fault);
            }

            throw;
        }
    }

    /// <summary>Loads the newest checkpoint of a root and every later one, until cancelled.</summary>
    public async Task FollowAsync(CheckpointRoot root, CancellationToken cancellationToken)
    {
        await foreach (var folder in root.WatchAsync(cancellationToken))
        {
            var begun = clock.GetTimestamp();

            // A start with a damaged newest checkpoint serves the one before it.
            var candidates = versions.Active is null ? root.List().Reverse().Prepend(folder).Distinct() : [folder];
            foreach (var candidate in candidates.Where(candidate => quarantine.ReasonFor(candidate) is null))
            {
                if (await TryLoadAsync(candidate, cancellationToken))
                {
                    break;
                }
            }

            var rest = options.MinInterval - clock.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, clock, cancellationToken);
            }
        }
    }

    /// <summary>Frees what the engine, which has ended, has left.</summary>
    public async ValueTask DisposeAsync()
    {
        await Switch.DisposeAsync();
        turn.Dispose();
    }

    private async Task<bool> TryLoadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(folder, Begin(folder), activate: true, cancellationToken);
            return true;
        }
        catch (ModelFormatException)
        {
            // On record and in the log.
            return false;
        }
    }

    private void RefuseKnown(string folder, long number)
    {
        if (number < Volatile.Read(ref newest))
        {
            throw new LoadRefusedException($"'{folder}' was overtaken by a later checkpoint before its turn came.");
        }

        if (quarantine.ReasonFor(folder) is { } reason)
        {
            throw new LoadRefusedException($"'{folder}' is quarantined: {reason}");
        }
    }

    private async Task LoadNowAsync(string folder, long number, bool activate, CancellationToken cancellationToken)
    {
        var active = Switch.Loaded.Active;
        var candidate = await CheckAsync(folder, number, active?.Source.Language, cancellationToken);
        var plan = await PlanAsync(candidate, number, activate, active, cancellationToken);
        if (plan.InPlace)
        {
            await ReplaceAsync(candidate, number, active!);
            return;
        }

        await LoadBesideAsync(candidate, number, active);
        if (activate)
        {
            await Switch.ActivateAsync(number, null, null, validateOnly: false);
        }
    }

    private async Task<CheckedCheckpoint> CheckAsync(string folder, long number, StudentLanguage? previous, CancellationToken cancellationToken)
    {
        var progress = new CheckProgress();
        versions.Update(number, record => record with { State = VersionState.Validating });
        var work = LoadingThread.RunAsync(() => CheckpointReader.Check(folder, previous, progress, cancellationToken));
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(ProgressInterval, clock, CancellationToken.None));
            versions.Update(number, progress.Note);
        }

        return await work;
    }

    private async Task<PlannedLoad> PlanAsync(
        CheckedCheckpoint candidate, long number, bool activate, LoadedVersion? active, CancellationToken cancellationToken)
    {
        try
        {
            versions.Update(number, record => record with { Digest = candidate.Digest, Findings = candidate.Findings });
            var plan = Plan(candidate, active);
            if (plan.InPlace && !activate)
            {
                throw new LoadRefusedException(
                    $"'{candidate.Source.Folder}' does not fit beside the version that answers; load it to be activated at once, in its place.");
            }

            await Switch.MakeRoomAsync(plan.Unload, cancellationToken);
            return plan;
        }
        catch
        {
            candidate.Dispose();
            throw;
        }
    }

    private PlannedLoad Plan(CheckedCheckpoint candidate, LoadedVersion? active)
    {
        var bytes = active?.Source.Source.Config == candidate.Source.Config ? active.WeightBytes : candidate.WeightBytes(engineOptions.Inference.Weights);
        if (bytes > options.MaxWeightBytes)
        {
            throw new LoadRefusedException(
                $"'{candidate.Source.Folder}' needs {bytes} bytes for its weights; {options.MaxWeightBytes} are allowed: raise serving.maxWeightBytes, or serve it in fewer bits.");
        }

        // What a device has left is its driver's knowledge; there the plan is double buffering unless asked otherwise.
        var available = engineOptions.Inference.Device == "cpu" ? MachineMemory.AvailableBytes() : long.MaxValue;
        var plan = MemoryPlanner.Plan(
            options, bytes, candidate.PassingBytes, active?.WeightBytes, [.. Switch.Loaded.Kept.Select(version => (version.Number, version.WeightBytes))], available);
        if (plan.InPlace)
        {
            LoaderLog.InPlace(logger, candidate.Source.Folder, available);
        }

        return plan;
    }

    private async Task LoadBesideAsync(CheckedCheckpoint candidate, long number, LoadedVersion? active)
    {
        ProbedVersion? probed = null;
        try
        {
            probed = await LoadingThread.RunAsync(() => reader.Load(candidate, number, active?.Reading, isBeside: active is not null));
            Probed(number, probed);
            await Switch.InstallAsync(probed.Version, new LoadedVersion(number, candidate, probed.Reading, probed.Version));
        }
        catch
        {
            probed?.Version.Dispose();
            candidate.Dispose();
            throw;
        }
    }

    /// <summary>The version that answers is gone from memory while the new one is loaded; where that fails it comes back.</summary>
    private async Task ReplaceAsync(CheckedCheckpoint candidate, long number, LoadedVersion active)
    {
        Exception? fault = null;
        try
        {
            await Switch.ReplaceAsync(() => LoadInstead(candidate, number, active, out fault));
        }
        catch
        {
            candidate.Dispose();
            throw;
        }

        if (fault is not null)
        {
            candidate.Dispose();
            throw fault is CheckpointRejectedException ? fault : new ModelFormatException(fault.Message, fault);
        }
    }

    private (StudentVersion, LoadedVersion) LoadInstead(CheckedCheckpoint candidate, long number, LoadedVersion active, out Exception? fault)
    {
        try
        {
            var probed = reader.Load(candidate, number, active.Reading, isBeside: false);
            Probed(number, probed);
            fault = null;
            return (probed.Version, new LoadedVersion(number, candidate, probed.Reading, probed.Version));
        }
        catch (Exception failed) when (failed is not EngineInvariantException)
        {
            fault = failed;
            LoaderLog.LoadedAgain(logger, number, active.Number, failed.Message);
            return LoadAgain(active);
        }
    }

    /// <summary>Under a new number, since what the cache holds of the old one is gone; from the files it was loaded from, which are open still.</summary>
    private (StudentVersion, LoadedVersion) LoadAgain(LoadedVersion old)
    {
        var record = versions.Find(old.Number);
        var number = versions.Begin(record?.Checkpoint ?? Path.GetFileName(old.Source.Source.Folder));
        var again = reader.LoadUnprobed(old.Source, number, isBeside: false);
        versions.Update(number, begun => begun with
        {
            Digest = old.Source.Digest,
            TrainerStep = record?.TrainerStep ?? 0,
            Findings = record?.Findings ?? old.Source.Findings,
        });
        return (again, new LoadedVersion(number, old.Source, old.Reading, again));
    }

    private void Probed(long number, ProbedVersion probed)
    {
        versions.Update(number, record => record with { State = VersionState.Probed, Findings = probed.Findings });
        LoaderLog.VersionLoaded(
            logger, versions.Find(number)?.Checkpoint ?? "", number, probed.Version.Model.WeightBytes, probed.Reading.Perplexity,
            probed.Findings.ProbeKl is { } divergence ? FormattableString.Invariant($"{divergence:0.###}") : "not comparable in");
    }

    private void Reject(string folder, long number, Exception fault)
    {
        var reason = fault is OperationCanceledException ? "Loading was given up: the server stops." : fault.Message;
        var findings = fault is CheckpointRejectedException rejected
            ? rejected.Findings
            : (versions.Find(number)?.Findings ?? new ValidationFindings(false, false, 0, [])) with { Violations = [reason] };
        versions.Update(number, record => record with { State = VersionState.Rejected, Findings = findings });
        LoaderLog.CheckpointRejected(logger, folder, number, reason);
        if (fault is CheckpointRejectedException bad)
        {
            quarantine.AddDigest(bad.Digest, reason);
        }

        if (fault is CheckpointRejectedException or ModelFormatException { InnerException: not (IOException or UnauthorizedAccessException or OutOfMemoryException) })
        {
            quarantine.AddFiles(folder, reason);
        }
    }

    /// <summary>Unreadable files, too little memory for it, and what its operators make of it are the checkpoint's; the rest is ours.</summary>
    private static bool IsFaultOfCheckpoint(Exception fault) => fault is
        ModelFormatException or CheckpointRejectedException or LoadRefusedException or IOException or UnauthorizedAccessException
        or ExternalException or OutOfMemoryException;

    /// <summary>It is not loaded for reasons that are not in it.</summary>
    private sealed class LoadRefusedException(string message) : Exception(message);
}
