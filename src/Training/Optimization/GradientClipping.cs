using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

/// <summary>Clips the gradient of all parameters by its one global norm.</summary>
public static class GradientClipping
{
    /// <summary>Scales the gradients down so that their norm does not exceed <paramref name="maxNorm"/>.</summary>
    /// <param name="gradients_N">[N] float32; changed in place where the norm is finite and too large.</param>
    /// <param name="maxNorm">Above 0; infinity only measures.</param>
    /// <returns>The norm before clipping; infinite or not a number where a gradient is.</returns>
    public static double Clip(Tensor gradients_N, double maxNorm)
    {
        using var guard = no_grad();
        using var norm = gradients_N.norm();
        var found = (double)norm.item<float>();
        if (double.IsFinite(found) && found > maxNorm)
        {
            gradients_N.Times_((float)(maxNorm / found));
        }

        return found;
    }
}
