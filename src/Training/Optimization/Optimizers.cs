using static TorchSharp.torch;

namespace Orca.Training.Optimization;

/// <summary>Makes the optimizer that options name.</summary>
internal static class Optimizers
{
    public static IOptimizer Of(TrainerOptions options, Device device) => options.Optimizer switch
    {
        OptimizerKind.Muon => new Muon(options.Muon, options.AdamW, device),
        _ => new AdamW(options.AdamW, device),
    };
}
