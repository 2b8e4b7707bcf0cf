namespace Orca.Model.Inference;

/// <summary>How a student is made ready to answer.</summary>
public sealed record InferenceOptions
{
    /// <summary>Where it runs: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What its weights are kept in. Default fp32.</summary>
    public WeightFormat Weights { get; init; } = WeightFormat.Fp32;

    /// <summary>What keys and values are kept in. Default fp32; where libtorch computes, they are kept as the weights are.</summary>
    public CacheFormat Cache { get; init; } = CacheFormat.Fp32;

    /// <summary>What computes. Default: what suits the device.</summary>
    public InferenceBackend Backend { get; init; } = InferenceBackend.Auto;

    /// <summary>Threads of a step, 1 to 1,024; null leaves the choice to what computes.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Whether it is loaded while another student answers: loading takes one thread, and steps take more than the calling
    /// thread only from when another thread than the loading one runs them.
    /// </summary>
    public bool IsBeside { get; init; }
}

/// <summary>What computes a student's steps.</summary>
public enum InferenceBackend
{
    /// <summary>The processor's own kernels on <c>cpu</c>, libtorch on every other device.</summary>
    Auto,

    /// <summary>libtorch.</summary>
    Torch,

    /// <summary>Kernels of our own on the processor, over packed weights.</summary>
    Cpu,
}

/// <summary>What weights are kept in.</summary>
public enum WeightFormat
{
    /// <summary>32 bits.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,

    /// <summary>8 bits, quantised as they are loaded.</summary>
    Int8,

    /// <summary>4 bits, quantised in groups as they are loaded.</summary>
    Int4,

    /// <summary>As they lie in their file.</summary>
    AsStored,
}

/// <summary>What keys and values are kept in.</summary>
public enum CacheFormat
{
    /// <summary>32 bits beside weights of 32 bits, else bfloat16.</summary>
    Auto,

    /// <summary>32 bits.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,

    /// <summary>8 bits.</summary>
    Int8,
}
