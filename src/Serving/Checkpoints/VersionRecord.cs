using System.Collections.Immutable;

namespace Orca.Serving.Checkpoints;

/// <summary>One checkpoint as the server saw it.</summary>
public sealed record VersionRecord
{
    /// <summary>Counts the checkpoints looked at, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>Name of its folder.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>When it was first seen.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>What became of it.</summary>
    public required VersionState State { get; init; }

    /// <summary>SHA-256 in hex over the digests of its files; empty where it could not be read.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The trainer's step it was published at; 0 where the checkpoint does not say.</summary>
    public long TrainerStep { get; init; }

    /// <summary>When it began to answer; null where it never has.</summary>
    public DateTimeOffset? Activated { get; init; }

    /// <summary>What the checks found; null until they are done.</summary>
    public ValidationFindings? Findings { get; init; }

    /// <summary>Bytes of its weights in memory.</summary>
    public long WeightBytes { get; init; }

    /// <summary>Weights read and checked so far.</summary>
    public int TensorsChecked { get; init; }

    /// <summary>Weights it has; 0 until that is known.</summary>
    public int Tensors { get; init; }

    /// <summary>Its part of new requests in percent, 0 to 100.</summary>
    public int TrafficPercent { get; init; }

    /// <summary>
    /// Names the state that decisions on it are based on: differs from what it was before once its state, or who answers, has changed.
    /// </summary>
    public string ETag => FormattableString.Invariant($"{Generation}-{(int)State}");

    /// <summary>Why it was rejected or rolled back; null where it was not.</summary>
    public string? Reason => Findings is { Violations: [var first, ..] } ? first : null;

    /// <summary>Number of its last change; grows over all versions.</summary>
    public long Sequence { get; init; }

    /// <summary>What its refusal counts as; null where it was not refused.</summary>
    internal RefusalCause? Refusal { get; init; }

    /// <summary>How often the division of traffic had changed, over all versions, when this was read.</summary>
    internal long Generation { get; init; }
}

/// <summary>What the checks of a checkpoint found.</summary>
/// <param name="DigestsMatch">Every file has the digest its manifest names; false also without a manifest.</param>
/// <param name="ShapesMatch">Every weight has the shape the configuration asks for.</param>
/// <param name="NonFiniteValues">Weights that are infinite or not a number.</param>
/// <param name="Violations">Why it was rejected, a sentence each; empty where it was not.</param>
public sealed record ValidationFindings(bool DigestsMatch, bool ShapesMatch, long NonFiniteValues, ImmutableArray<string> Violations)
{
    /// <summary>
    /// Mean Kullback-Leibler divergence of its answers to the probe from those of the version that answered then, in nats a
    /// token; null where there was none, or none of the same language.
    /// </summary>
    public double? ProbeKl { get; init; }

    /// <summary>Its perplexity on the probe, 1 or more; null where it was not probed.</summary>
    public double? ProbePerplexity { get; init; }
}

/// <summary>What became of a checkpoint.</summary>
public enum VersionState
{
    /// <summary>It has its number and waits for its turn.</summary>
    Staged,

    /// <summary>It is being read and checked.</summary>
    Validating,

    /// <summary>It answered the probe as it should, and is handed over.</summary>
    Probed,

    /// <summary>It is loaded and can answer; new requests go elsewhere.</summary>
    Ready,

    /// <summary>New requests are answered by it.</summary>
    Active,

    /// <summary>A newer one took over; requests that began on it still run.</summary>
    Draining,

    /// <summary>Its weights are no longer in memory.</summary>
    Unloaded,

    /// <summary>It failed a check and never answered, or answered so badly that it was rolled back.</summary>
    Rejected,
}
