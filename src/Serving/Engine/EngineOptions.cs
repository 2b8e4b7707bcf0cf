using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Orca.Model.Inference;
using Orca.Serving.Admission;
using TorchSharp;

namespace Orca.Serving.Engine;

/// <summary>How an engine runs.</summary>
public sealed record EngineOptions
{
    /// <summary>Answers that are computed at the same time at most; a request of n samples is n of them. Default 16.</summary>
    [Range(1, 1024)]
    public int MaxConcurrentRequests { get; init; } = 16;

    /// <summary>Requests that may wait for a slot; beyond it they are refused. Default 256.</summary>
    [Range(1, 65_536)]
    public int MaxQueuedRequests { get; init; } = 256;

    /// <summary>Who else may wait, and in which order they are taken.</summary>
    public AdmissionOptions Admission { get; init; } = new();

    /// <summary>Tokens that prompt and answer may have together; null: what the student was made for.</summary>
    [Range(2, 1_048_576)]
    public int? MaxContextTokens { get; init; }

    /// <summary>
    /// Bytes of the key-value cache at most, for each shape of student. Where they are too few for one whole context, the
    /// context is shortened to what they hold. Default 2 GiB.
    /// </summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxCacheBytes { get; init; } = 2L << 30;

    /// <summary>Tokens of prompts in one step at most. Default 512.</summary>
    [Range(1, 65_536)]
    public int MaxPrefillTokens { get; init; } = 512;

    /// <summary>
    /// What a step that decodes may take, about: prompts are prefilled in chunks that keep within it, as measured. It bounds
    /// what a long prompt delays the others' next token by. Default 100 ms.
    /// </summary>
    public TimeSpan MaxDecodeStall { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Steps after which a prompt that has not moved goes before all others, and moves even where decoding alone takes the time.
    /// Default 4.
    /// </summary>
    [Range(1, 1_024)]
    public int PrefillPatience { get; init; } = 4;

    /// <summary>
    /// Counts every block after every step, and stops the engine where one is lost or counted wrongly. Costs time in proportion to the
    /// cache's blocks.
    /// </summary>
    public bool Audit { get; init; }

    /// <summary>Where the student runs, and what its weights and cache are kept in.</summary>
    public InferenceOptions Inference { get; init; } = new();

    /// <summary>What a refused caller is told to wait before it tries again. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Everything wrong with these options, one sentence each; empty where nothing is.</summary>
    public ImmutableArray<string> Faults()
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), found, validateAllProperties: true);
        var faults = found.Select(fault => fault.ErrorMessage!).ToList();
        faults.AddRange(Admission.Faults());
        if (MaxDecodeStall <= TimeSpan.Zero)
        {
            faults.Add($"MaxDecodeStall is {MaxDecodeStall}; give more than 0.");
        }

        if (Inference.Threads is < 1 or > 1024)
        {
            faults.Add($"Inference.Threads is {Inference.Threads}; give 1 to 1024, or nothing to leave the choice to what computes.");
        }

        if (Inference.Device != "cpu" && !Inference.Device.StartsWith("cuda", StringComparison.Ordinal))
        {
            faults.Add($"Inference.Device is '{Inference.Device}'; give cpu, cuda or cuda:N.");
        }
        else if (Inference.Device != "cpu" && !torch.cuda.is_available())
        {
            faults.Add($"Inference.Device is '{Inference.Device}', but this libtorch finds no CUDA device; give cpu.");
        }

        return [.. faults];
    }
}
