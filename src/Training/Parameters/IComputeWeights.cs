using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>A store of weights that holds what the network computes with.</summary>
public interface IComputeWeights
{
    /// <summary>[N] in the compute type: nearest to the weights as they were written last; borrowed.</summary>
    Tensor Compute_N { get; }
}
