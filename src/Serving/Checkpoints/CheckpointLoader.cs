using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Serving.Batching;
using Orca.Serving.Engine;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Brings checkpoints to the engine: reads and checks each beside the running engine, and hands over those that pass. One
/// that fails is rejected, with the reason on record, and what is served stays as it is. One at a time; those overtaken
/// meanwhile are left out.
/// </summary>
internal sealed class CheckpointLoader(InferenceEngine engine, VersionRegistry versions, EngineOptions options, ILogger logger)
{
    private readonly HashSet<string> rejected = new(StringComparer.Ordinal);
    private StudentLanguage? language;

    /// <summary>Loads one folder.</summary>
    /// <exception cref="ModelFormatException">It was rejected; the message says why.</exception>
    public async Task LoadAsync(string folder, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var number = versions.Begin(name);
        try
        {
            var (version, facts) = await Task.Run(() => CheckpointReader.Read(folder, number, language, options), cancellationToken);
            versions.Update(number, record => record with
            {
                State = VersionState.Ready,
                Digest = facts.Digest,
                TrainerStep = facts.TrainerStep,
                WeightBytes = facts.WeightBytes,
                Findings = facts.Findings,
            });
            await InstallAsync(version);
            language = version.Language;
        }
        catch (Exception fault) when (fault is not EngineInvariantException)
        {
            rejected.Add(folder);
            Reject(number, fault);
            LoaderLog.CheckpointRejected(logger, name, number, fault.Message);
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
            // A start with a damaged newest checkpoint serves the one before it.
            var candidates = versions.Active is null ? root.List().Reverse().Prepend(folder).Distinct() : [folder];
            foreach (var candidate in candidates.Where(candidate => !rejected.Contains(candidate)))
            {
                if (await TryLoadAsync(candidate, cancellationToken))
                {
                    break;
                }
            }
        }
    }

    private async Task<bool> TryLoadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(folder, cancellationToken);
            return true;
        }
        catch (ModelFormatException)
        {
            // On record and in the log.
            return false;
        }
    }

    private async Task InstallAsync(StudentVersion version)
    {
        var previous = engine.ActiveVersion;
        try
        {
            await engine.InstallAsync(version);
        }
        catch
        {
            version.Dispose();
            throw;
        }

        await engine.ActivateAsync(version.Number);
        if (previous is { } old)
        {
            // The engine ends it with itself, and frees it when its last request has left.
            _ = engine.UnloadAsync(old);
        }
    }

    private void Reject(long number, Exception fault) => versions.Update(number, record => record with
    {
        State = VersionState.Rejected,
        Findings = new ValidationFindings(
            DigestsMatch: fault is NonFiniteWeightsException && record.Findings?.DigestsMatch != false,
            ShapesMatch: fault is NonFiniteWeightsException,
            NonFiniteValues: (fault as NonFiniteWeightsException)?.Count ?? 0,
            Violations: [fault.Message]),
    });

    /// <summary>Unreadable files, too little memory for it, and what its operators make of it are the checkpoint's; the rest is ours.</summary>
    private static bool IsFaultOfCheckpoint(Exception fault) => fault is
        ModelFormatException or NonFiniteWeightsException or IOException or UnauthorizedAccessException
        or ExternalException or OutOfMemoryException;
}
