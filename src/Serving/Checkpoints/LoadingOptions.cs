using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Orca.Serving.Checkpoints;

/// <summary>How new versions are checked, taken over, kept and given up again.</summary>
public sealed record LoadingOptions
{
    /// <summary>Versions kept in memory, the one that answers included; the others are there to return to. Default 2.</summary>
    [Range(1, 64)]
    public int KeepVersions { get; init; } = 2;

    /// <summary>Bytes that the weights of all versions together may take; null, the default: what the machine has room for.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long? MaxWeightBytes { get; init; }

    /// <summary>How the memory of two versions is shared. Default <see cref="MemoryPlan.Auto"/>.</summary>
    public MemoryPlan Plan { get; init; }

    /// <summary>
    /// Questions that every version is probed with before it may answer, in its own prompt template; 32 tokens of each count,
    /// fewer of models beyond 3 billion parameters, but at least 8. Default two that any student can read.
    /// </summary>
    public ImmutableArray<string> ProbePrompts { get; init; } =
        ["What is 17 plus 25? Think step by step.", "Write one sentence about the sea and one about the night sky."];

    /// <summary>
    /// How far the answers of a new version may be from those of the version that answers, as the mean Kullback-Leibler
    /// divergence over the probe, in nats a token. Default 20: what the old version held for the likeliest token may become
    /// improbable, as in the first minutes of training, but the new one must not be certain of what was impossible before.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double MaxProbeDivergence { get; init; } = 20;

    /// <summary>A version's perplexity on the probe at most; null, the default: any.</summary>
    [Range(1, double.MaxValue)]
    public double? MaxProbePerplexity { get; init; }

    /// <summary>
    /// From the beginning of one load to that of the next of a folder that is followed; what appears meanwhile is left out for
    /// the newest. Default 1 s.
    /// </summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Folders whose checkpoints callers may have loaded, beside the one that is served. Default none.</summary>
    public ImmutableArray<string> CheckpointFolders { get; init; } = [];

    /// <summary>
    /// Decides whether a checkpoint of a folder that is followed may answer; null, the default: those that pass the checks do.
    /// </summary>
    public IPromotionGate? Gate { get; init; }

    /// <summary>When a version that answers is given up for the one before.</summary>
    public TripwireOptions Tripwire { get; init; } = new();

    /// <summary>Everything wrong with these options, one sentence each; empty where nothing is.</summary>
    public ImmutableArray<string> Faults()
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), found, validateAllProperties: true);
        var faults = found.Select(fault => fault.ErrorMessage!).ToList();
        if (MinInterval < TimeSpan.Zero)
        {
            faults.Add($"MinInterval is {MinInterval}; give zero or more.");
        }

        return [.. faults];
    }
}

/// <summary>How the memory of two versions is shared while one takes over from the other.</summary>
public enum MemoryPlan
{
    /// <summary>Side by side where both fit, else in place.</summary>
    Auto,

    /// <summary>Side by side: the new one is loaded and probed while the old one answers, and takes over between two steps.</summary>
    DoubleBuffered,

    /// <summary>
    /// In place: the new one's files are checked while the old one answers, which then makes room. Answering pauses for the
    /// time of the load; where it fails, the old one is loaded again.
    /// </summary>
    InPlace,
}
