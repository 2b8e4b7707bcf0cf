using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using TorchSharp;

namespace Orca.Serving.Engine;

/// <summary>How an engine runs.</summary>
public sealed record EngineOptions
{
    /// <summary>Requests that are answered at the same time at most: slots of the cache. Default 16.</summary>
    [Range(1, 1024)]
    public int MaxConcurrentRequests { get; init; } = 16;

    /// <summary>Requests that may wait for a slot; beyond it they are refused. Default 256.</summary>
    [Range(1, 65_536)]
    public int MaxQueuedRequests { get; init; } = 256;

    /// <summary>Tokens that prompt and answer may have together; null: what the student was made for.</summary>
    [Range(2, 1_048_576)]
    public int? MaxContextTokens { get; init; }

    /// <summary>Bytes of the key-value cache at most; fewer requests run at once where they would need more, one always does. Default 2 GiB.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxCacheBytes { get; init; } = 2L << 30;

    /// <summary>Tokens of one prefill step at most, padding included: what a long prompt may delay the others' next token by. Default 512.</summary>
    [Range(1, 65_536)]
    public int MaxPrefillTokens { get; init; } = 512;

    /// <summary>Threads of each tensor operation, in the whole process; null leaves the process's setting alone.</summary>
    [Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>Type of weights, cache and arithmetic. Default fp32.</summary>
    public torch.ScalarType ComputeType { get; init; } = torch.ScalarType.Float32;

    /// <summary>Where it runs: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What a refused caller is told to wait before it tries again. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of a value of <see cref="ComputeType"/>.</summary>
    internal int BytesPerValue => ComputeType == torch.ScalarType.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>Everything wrong with these options, one sentence each; empty where nothing is.</summary>
    public ImmutableArray<string> Faults()
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), found, validateAllProperties: true);
        var faults = found.Select(fault => fault.ErrorMessage!).ToList();
        if (ComputeType is not (torch.ScalarType.Float32 or torch.ScalarType.BFloat16 or torch.ScalarType.Float16))
        {
            faults.Add($"ComputeType is {ComputeType}; give Float32, BFloat16 or Float16.");
        }

        if (Device != "cpu" && !Device.StartsWith("cuda", StringComparison.Ordinal))
        {
            faults.Add($"Device is '{Device}'; give cpu, cuda or cuda:N.");
        }
        else if (Device != "cpu" && !torch.cuda.is_available())
        {
            faults.Add($"Device is '{Device}', but this libtorch finds no CUDA device; give cpu.");
        }

        return [.. faults];
    }
}
