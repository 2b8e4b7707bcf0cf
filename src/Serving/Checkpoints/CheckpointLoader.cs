using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Serving.Batching;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Brings checkpoints to the engine: reads, checks and probes each beside the running engine, and hands over those that pass.
/// One that fails is rejected, with the reason on record, and what is served stays as it is. One at a time; of those that
/// wait for their turn the newest goes on, the others are left out.
/// </summary>
internal sealed class CheckpointLoader : IAsyncDisposable
{
    private readonly VersionRegistry versions;
    private readonly ILogger logger;
    private readonly CheckpointReader reader;
    private readonly LoadPlanner planner;
    private readonly CheckWatch watch;
    private readonly InPlaceLoader inPlace;
    private readonly Quarantine quarantine;
    private readonly LoadRejections rejections;
    private readonly IPromotionGate? gate;
    private readonly SemaphoreSlim turn = new(1, 1);
    private long newest;

    public CheckpointLoader(
        InferenceEngine engine, VersionRegistry versions, EngineOptions engineOptions, LoadingOptions options,
        Quarantine quarantine, TimeProvider clock,
        ILogger logger)
    {
        (this.versions, this.quarantine, this.logger) = (versions, quarantine, logger);
        rejections = new LoadRejections(versions, quarantine, logger);
        gate = options.Gate;
        reader = new CheckpointReader(engineOptions, options, new LoadingPace(() => engine.Load.Running > 0));
        planner = new LoadPlanner(engineOptions, options, logger);
        watch = new CheckWatch(versions, clock);
        Switch = new VersionSwitch(engine, versions, options, quarantine, logger) { Reload = TryReturnAsync };
        inPlace = new InPlaceLoader(reader, versions, Switch, logger);
    }

    /// <summary>Decides which of the loaded versions answer.</summary>
    public VersionSwitch Switch { get; }

    /// <summary>Ends only when something that goes on by itself fails, with what that threw.</summary>
    public Task Broken => Switch.Broken;

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
    /// <param name="purpose">What it is loaded for.</param>
    /// <param name="lift">Whether it is taken out of quarantine; else it is rejected where it is in there.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">It was rejected; the message says why.</exception>
    public async Task LoadAsync(string folder, long number, LoadPurpose purpose, bool lift, CancellationToken cancellationToken)
    {
        var isTurn = false;
        try
        {
            await turn.WaitAsync(cancellationToken);
            isTurn = true;
            RefuseOvertaken(folder, number);
            quarantine.Admit(folder, lift);
            await Switch.HasRoomAsync(cancellationToken);
            await LoadNowAsync(folder, number, purpose, lift, cancellationToken);
        }
        catch (Exception fault) when (!LoadFaults.IsOfServer(fault))
        {
            // In its turn still: whoever lifts the quarantine next lifts all of it.
            var reason = rejections.Note(folder, number, fault);
            if (LoadFaults.IsGivenUp(fault))
            {
                throw;
            }

            await Switch.DiscardAsync(number);
            throw fault as ModelFormatException ?? new ModelFormatException(reason, fault);
        }
        finally
        {
            if (isTurn)
            {
                turn.Release();
            }
        }
    }

    /// <summary>
    /// Returns to an earlier version, and quarantines the one left: to one that is loaded, or where memory holds one at a time
    /// to the one replaced last, which is loaded again.
    /// </summary>
    /// <param name="to">The version to return to; null: the one that was active last.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cause">Who had it rolled back.</param>
    /// <returns>The version returned to.</returns>
    /// <exception cref="GenerationException">
    /// There is none, it is not loaded, or it cannot be loaded again: what answered goes on.
    /// </exception>
    public async Task<long> RollbackAsync(long? to, string reason, RollbackCause cause)
    {
        await Switch.SettledAsync();
        if (to is not null || Switch.Loaded is not { All: [var bad], Replaced: { } folder })
        {
            return await Switch.RollbackAsync(to, reason, cause);
        }

        var number = Begin(folder);
        await ReturnToAsync(folder, number, bad);
        Switch.Condemn(bad, reason);
        versions.Enter(bad.Number, VersionState.Rejected);
        versions.Tally.RolledBack(cause);
        LoaderLog.RolledBack(logger, bad.Number, number, reason);
        return number;
    }

    /// <summary>Frees what the engine, which has ended, has left.</summary>
    public async ValueTask DisposeAsync()
    {
        await Switch.DisposeAsync();
        turn.Dispose();
    }

    private async Task<bool> TryReturnAsync(string reason) =>
        Switch.Loaded.Replaced is not null && await RollbackAsync(null, reason, RollbackCause.Tripwire) > 0;

    /// <summary>Loads what was replaced again, which is not compared with the bad version that it replaces.</summary>
    private async Task ReturnToAsync(string folder, long number, LoadedVersion bad)
    {
        bad.IsCondemned = true;
        try
        {
            await LoadAsync(folder, number, LoadPurpose.Answer, lift: false, CancellationToken.None);
        }
        catch (ModelFormatException fault)
        {
            bad.IsCondemned = false;
            var isDamaged = versions.Find(number)?.Refusal is RefusalCause.Damaged or RefusalCause.Unfit;
            throw new GenerationException(
                isDamaged ? Failure.CheckpointDamaged : Failure.VersionNotReady,
                $"There is no way back to '{folder}', so what answers goes on: {fault.Message}",
                fault)
            {
                Subject = $"{number}",
            };
        }
    }

    private void RefuseOvertaken(string folder, long number)
    {
        if (number < Volatile.Read(ref newest))
        {
            throw new LoadRefusedException($"'{folder}' was overtaken by a later checkpoint before its turn came.");
        }
    }

    private async Task LoadNowAsync(string folder, long number, LoadPurpose purpose, bool lift, CancellationToken cancellationToken)
    {
        var active = Switch.Loaded.Active;
        if (active is null)
        {
            await InstallAsync(
                number, await watch.RunAsync(number, progress => LoadFirst(folder, number, lift, progress, cancellationToken)));
        }
        else
        {
            var candidate = await watch.RunAsync(number, progress => Check(folder, active, lift, progress, cancellationToken));
            var plan = await PlanAsync(candidate, number, purpose != LoadPurpose.Wait, active, cancellationToken);
            if (plan.InPlace)
            {
                await inPlace.LoadAsync(candidate, number, active);
                return;
            }

            await LoadBesideAsync(candidate, number, active);
            await PassAsync(candidate, number, purpose, active, cancellationToken);
        }

        if (purpose != LoadPurpose.Wait)
        {
            await Switch.ActivateAsync(number, null, null, validateOnly: false);
        }
    }

    private async Task PassAsync(
        CheckedCheckpoint candidate, long number, LoadPurpose purpose, LoadedVersion active, CancellationToken cancellationToken)
    {
        if (gate is null || purpose != LoadPurpose.Follow)
        {
            return;
        }

        var record = versions.Find(number)!;
        var asked = new PromotionCandidate(number, record.Checkpoint, record.TrainerStep, active.Number);
        if (await gate.ObjectionAsync(asked, cancellationToken) is { } objection)
        {
            throw new CheckpointRejectedException(
                (record.Findings ?? candidate.Findings) with { Violations = [objection] }, candidate.Digest);
        }
    }

    private CheckedCheckpoint Check(
        string folder, LoadedVersion active, bool lift, CheckProgress progress, CancellationToken cancellationToken)
    {
        var opened = CheckpointReader.Open(folder, active.Source.Opened.Language, progress);
        try
        {
            return Admit(reader.Check(opened, progress, cancellationToken), folder, lift);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Where nothing answers, weights are loaded before they are checked: what is copied is looked at as it passes, and need not
    /// be read twice before the first answer.
    /// </summary>
    private LoadedCandidate LoadFirst(string folder, long number, bool lift, CheckProgress progress, CancellationToken cancellationToken)
    {
        var opened = CheckpointReader.Open(folder, null, progress);
        StudentVersion? version = null;
        try
        {
            planner.Plan(opened, Switch.Loaded);
            version = reader.LoadUnprobed(opened, number, isBeside: false);
            var candidate = Admit(reader.Check(opened, progress, cancellationToken), folder, lift);
            versions.Update(number, record => record with { Digest = candidate.Digest, Findings = candidate.Findings });
            return new LoadedCandidate(candidate, reader.Probe(version, candidate, null));
        }
        catch
        {
            version?.Dispose();
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Of folders without a manifest only now is known what they hold.</summary>
    private CheckedCheckpoint Admit(CheckedCheckpoint candidate, string folder, bool lift)
    {
        quarantine.AdmitDigest(candidate.Digest, folder, lift);
        return candidate;
    }

    private async Task<PlannedLoad> PlanAsync(
        CheckedCheckpoint candidate, long number, bool activate, LoadedVersion active, CancellationToken cancellationToken)
    {
        try
        {
            versions.Update(number, record => record with { Digest = candidate.Digest, Findings = candidate.Findings });
            var plan = planner.Plan(candidate.Opened, Switch.Loaded);
            if (plan.InPlace && !activate)
            {
                throw new LoadRefusedException(
                    $"'{candidate.Opened.Source.Folder}' does not fit beside the version that answers; load it to be activated at once, "
                        + "in its place.");
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

    private async Task LoadBesideAsync(CheckedCheckpoint candidate, long number, LoadedVersion active)
    {
        ProbedVersion probed;
        try
        {
            probed = await LoadingThread.RunAsync(() => reader.Load(candidate, number, active.Standard, isBeside: true));
        }
        catch
        {
            candidate.Dispose();
            throw;
        }

        await InstallAsync(number, new LoadedCandidate(candidate, probed));
    }

    private async Task InstallAsync(long number, LoadedCandidate loaded)
    {
        var (candidate, probed) = loaded;
        try
        {
            probed.Note(versions, logger);
            await Switch.InstallAsync(probed.Version, new LoadedVersion(number, candidate, probed.Reading, probed.Version));
        }
        catch
        {
            probed.Version.Dispose();
            candidate.Dispose();
            throw;
        }
    }

    /// <summary>A version in memory, and its checkpoint.</summary>
    private sealed record LoadedCandidate(CheckedCheckpoint Checkpoint, ProbedVersion Version);
}
