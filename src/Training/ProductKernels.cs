using System.Runtime.CompilerServices;
using Orca.Model.Products;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training;

/// <summary>What computes the products of the forward and the backward pass.</summary>
public enum ProductKernels
{
    /// <summary>
    /// The kernels that the server multiplies with, on processors with AVX-512 under Linux. Operands are rounded where
    /// <see cref="TrainerOptions.Compute"/> is 16 bit; all else stays in 32.
    /// </summary>
    Own,

    /// <summary>libtorch: on every processor and device.</summary>
    Libtorch,
}

/// <summary>Which kernels a start takes.</summary>
public static class ProductChoice
{
    /// <summary>
    /// Those that the options name; else those that are faster here, by a rule, so that the next start takes the same: libtorch leaves
    /// AVX-512 aside on processors that are not Intel's, and is then two to three times slower; on Intel's it is about as fast.
    /// </summary>
    public static ProductKernels Of(TrainerOptions options) => options.Products ?? FasterHere(options);

    /// <summary>
    /// Whether the server's kernels are made for what the options ask: the processor, weights in 32 bit, and gradients that are held.
    /// </summary>
    public static bool SuitsOwn(TrainerOptions options) =>
        options.Device == "cpu" && options.Weights == WeightForm.Float32 && !options.OptimizerInBackward;

    /// <summary>Whether the server's kernels can train so on this processor.</summary>
    public static bool CanRunOwn(TrainerOptions options) => SuitsOwn(options)
        && PanelOperators.CanRun(options.Compute == ComputeType.BFloat16);

    // Apart, since whoever touches the kernels loads libtorch; where the options say, nobody need ask.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ProductKernels FasterHere(TrainerOptions options) =>
        CanRunOwn(options) && !PanelOperators.LibtorchIsFast ? ProductKernels.Own : ProductKernels.Libtorch;

    /// <summary>The server's kernels as a network's operators, where a start takes them; else null.</summary>
    /// <exception cref="TrainingException">The options name them, and they cannot run here.</exception>
    internal static PanelOperators? Operators(TrainerOptions options, Func<long> weightsVersion)
    {
        if (Of(options) == ProductKernels.Libtorch)
        {
            return null;
        }

        if (!CanRunOwn(options))
        {
            throw new TrainingException(
                $"training.products is Own, which in {options.Compute} needs a processor with AVX-512 under Linux that computes it fast; "
                    + "use Libtorch, with training.changeRecipe=true where the run began otherwise.");
        }

        return PanelOperators.Create(
            options.Compute == ComputeType.BFloat16, options.Threads > 0 ? options.Threads : get_num_threads(), weightsVersion);
    }
}
