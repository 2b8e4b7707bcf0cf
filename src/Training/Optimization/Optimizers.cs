using Orca.Model.Products;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

/// <summary>Makes the optimizer that options name.</summary>
internal static class Optimizers
{
    /// <param name="options">The options.</param>
    /// <param name="device">Where the parameters lie.</param>
    /// <param name="operators">What computes products in 32 bit where it can; null: libtorch. Borrowed.</param>
    public static IOptimizer Of(TrainerOptions options, Device device, PanelOperators? operators = null) => options.Optimizer switch
    {
        OptimizerKind.Muon => new Muon(
            options.Muon, options.AdamW, options.Schedule.Peak, device, options.Compute == ComputeType.Float32 ? operators : null),
        _ => new AdamW(options.AdamW, device),
    };
}
