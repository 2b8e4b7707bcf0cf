using TorchSharp;

namespace Orca.Training.Parameters;

/// <summary>How weights are kept between steps.</summary>
public enum WeightForm
{
    /// <summary>In float32: 4 bytes each, and 2 for the copy that is computed with where that is bfloat16.</summary>
    Float32,

    /// <summary>
    /// In bfloat16, with the lower 16 bits beside it: exactly float32, in 4 bytes. Only where bfloat16 is computed with.
    /// </summary>
    Split,

    /// <summary>In bfloat16 alone, 2 bytes each, rounded at random. Only where bfloat16 is computed with.</summary>
    BFloat16,
}

/// <summary>How the optimizer's moments are kept between steps.</summary>
public enum StateForm
{
    /// <summary>In float32: 4 bytes each.</summary>
    Float32,

    /// <summary>In 8 bits with a scale for every 128: 1.03 bytes each.</summary>
    Int8,
}

/// <summary>What a student's parameters are kept in.</summary>
public sealed record ParameterForms
{
    /// <summary>What the network computes in.</summary>
    public ComputeType Compute { get; init; }

    /// <summary>How weights are kept.</summary>
    public WeightForm Weights { get; init; }

    /// <summary>How moments are kept.</summary>
    public StateForm States { get; init; }

    /// <summary>
    /// Whether gradients of several passes are added up, in float32 then. A pass alone leaves its own in the compute type.
    /// </summary>
    public bool SumGradients { get; init; } = true;

    /// <summary>
    /// Whether the gradients of all layers exist at once. Else a layer's are there from its backward pass until its weights are moved.
    /// </summary>
    public bool HoldGradients { get; init; } = true;

    /// <summary>Whether weights are bfloat16 numbers, all of them.</summary>
    public bool AreWeightsBFloat16 => Compute == ComputeType.BFloat16 && Weights == WeightForm.BFloat16;

    internal NumberStore NewWeights(long count, torch.Device device) => (Compute, Weights) switch
    {
        (ComputeType.Float32, _) => new Float32Store(count, device),
        (_, WeightForm.Split) => new SplitStore(count, device),
        (_, WeightForm.BFloat16) => new RoundedStore(count, device),
        _ => new MasteredStore(count, device),
    };

    internal NumberStore NewMoments(long count, bool signed, torch.Device device) =>
        States == StateForm.Int8 ? new BlockInt8Store(count, signed, device) : new Float32Store(count, device);
}
