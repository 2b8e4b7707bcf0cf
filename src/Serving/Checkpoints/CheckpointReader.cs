using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Model.Inference;
using Orca.Model.Weights;
using Orca.Serving.Engine;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Checks checkpoints as a whole, and makes versions of them. Runs beside the engine, never on its thread unless it asks for that.
/// </summary>
internal sealed class CheckpointReader(EngineOptions engine, LoadingOptions loading, LoadingPace pace)
{
    /// <summary>Opens a checkpoint, and checks what its headers say.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="previous">Language of the version before; kept where it is the same.</param>
    /// <param name="progress">Where it says how far it is.</param>
    /// <returns>The checkpoint, which the caller owns.</returns>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    public static OpenedCheckpoint Open(string folder, StudentLanguage? previous, CheckProgress progress)
    {
        var checkpoint = Checkpoint.Open(folder, WeightAccess.Copied);
        try
        {
            progress.Begin(checkpoint);

            // Before the digests are compared, for the last time, of the files it is made from.
            return new OpenedCheckpoint(checkpoint, LanguageReader.Of(checkpoint, previous));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Reads every byte of a checkpoint that has not been looked at yet, at a few MiB of memory.</summary>
    /// <param name="opened">The checkpoint; the result's from here on, else it stays the caller's.</param>
    /// <param name="progress">Where it says how far it is.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">The checkpoint is damaged.</exception>
    /// <exception cref="CheckpointRejectedException">A weight is no number.</exception>
    public CheckedCheckpoint Check(OpenedCheckpoint opened, CheckProgress progress, CancellationToken cancellationToken)
    {
        var checkpoint = opened.Source;
        var inspection = checkpoint.Inspect(
            count =>
            {
                progress.Seen(count);
                pace.Breathe();
            },
            cancellationToken);
        var digest = checkpoint.DigestOf(inspection);
        var findings = new ValidationFindings(
            DigestsMatch: checkpoint.Manifest is not null, ShapesMatch: true, NonFiniteValues: inspection.NonFiniteValues, Violations: []);
        return inspection.NonFiniteValues == 0 ? new CheckedCheckpoint(opened, digest, findings) : throw Rejected(findings, digest, FormattableString.Invariant(
            $"'{checkpoint.Folder}' has {inspection.NonFiniteValues} weights that are infinite or not a number, the first in '{inspection.NonFinite.First().Key}'; use an earlier checkpoint."));
    }

    /// <summary>Brings a checkpoint's weights into memory and puts the probe to them.</summary>
    /// <param name="candidate">The checkpoint; stays the caller's, and open for as long as the version lives.</param>
    /// <param name="number">The version's number.</param>
    /// <param name="current">What the version that answers made of the probe; null where none answers.</param>
    /// <param name="isBeside">Whether another version answers meanwhile, to which the processor belongs.</param>
    /// <returns>The version, which the caller owns, and what it made of the probe.</returns>
    /// <exception cref="CheckpointRejectedException">The probe found it unfit. Nothing of it stays in memory.</exception>
    public ProbedVersion Load(CheckedCheckpoint candidate, long number, ProbeReading? current, bool isBeside)
    {
        var version = LoadUnprobed(candidate.Opened, number, isBeside);
        try
        {
            return Probe(version, candidate, current);
        }
        catch
        {
            version.Dispose();
            throw;
        }
    }

    /// <summary>Brings a checkpoint's weights into memory, and no more.</summary>
    /// <exception cref="ModelFormatException">
    /// Its files have changed or gone since they were read before. Nothing of it stays in memory.
    /// </exception>
    public StudentVersion LoadUnprobed(OpenedCheckpoint opened, long number, bool isBeside)
    {
        var memory = new Memory(opened.Source);
        try
        {
            // In the place of what answered, nobody is answered before it is done: rests would only make them wait.
            var model = InferenceModels.Load(opened.Source, engine.Inference with { IsBeside = isBeside }, isBeside ? pace.Breathe : null);
            return new StudentVersion(number, opened.Language, model, memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Puts the probe to a version.</summary>
    /// <param name="version">The version; stays the caller's.</param>
    /// <param name="candidate">Its checkpoint.</param>
    /// <param name="current">What the version that answers made of the probe; null where none answers.</param>
    /// <exception cref="CheckpointRejectedException">The probe found it unfit.</exception>
    public ProbedVersion Probe(StudentVersion version, CheckedCheckpoint candidate, ProbeReading? current)
    {
        var reading = StudentProbe.Read(version.Model, version.Language, loading.ProbePrompts);
        return new ProbedVersion(version, reading, Judge(candidate, reading, current));
    }

    private ValidationFindings Judge(CheckedCheckpoint candidate, ProbeReading reading, ProbeReading? current)
    {
        var findings = candidate.Findings;
        if (reading.NonFiniteRows > 0)
        {
            throw Rejected(findings, candidate.Digest, FormattableString.Invariant(
                $"'{candidate.Opened.Source.Folder}' answered the probe with logits that are infinite or not a number after {reading.NonFiniteRows} tokens; use an earlier checkpoint."));
        }

        findings = findings with { ProbeKl = current?.DivergenceOf(reading), ProbePerplexity = reading.Perplexity };
        if (findings.ProbeKl > loading.MaxProbeDivergence)
        {
            throw Rejected(findings, candidate.Digest, FormattableString.Invariant(
                $"'{candidate.Opened.Source.Folder}' answers the probe {findings.ProbeKl:0.##} nats a token away from the version that answers, above the bound of {loading.MaxProbeDivergence:0.##}; raise the bound if that is meant."));
        }

        return findings.ProbePerplexity > loading.MaxProbePerplexity
            ? throw Rejected(findings, candidate.Digest, FormattableString.Invariant(
                $"'{candidate.Opened.Source.Folder}' has a perplexity of {findings.ProbePerplexity:0.##} on the probe, above the bound of {loading.MaxProbePerplexity:0.##}; raise the bound if that is meant."))
            : findings;
    }

    private static CheckpointRejectedException Rejected(ValidationFindings findings, string digest, string reason) =>
        new(findings with { Violations = [reason] }, digest);

    /// <summary>What weights that are used as they are stored have in memory; their files stay open.</summary>
    private sealed class Memory(Checkpoint source) : IDisposable
    {
        public void Dispose() => source.ReleaseAll();
    }
}

/// <summary>A version that passed the probe.</summary>
/// <param name="Version">The version.</param>
/// <param name="Reading">What it made of the probe.</param>
/// <param name="Findings">What all checks found.</param>
internal sealed record ProbedVersion(StudentVersion Version, ProbeReading Reading, ValidationFindings Findings)
{
    /// <summary>Puts it on record.</summary>
    public void Note(VersionRegistry versions, ILogger logger)
    {
        versions.Update(Version.Number, record => record with { State = VersionState.Probed, Findings = Findings });
        LoaderLog.VersionLoaded(
            logger, versions.Find(Version.Number)?.Checkpoint ?? "", Version.Number, Version.Model.WeightBytes, Reading.Perplexity,
            Findings.ProbeKl is { } divergence ? FormattableString.Invariant($"{divergence:0.###}") : "not comparable in");
    }
}
