using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

/// <summary>Clips the gradient of all parameters by its one global norm.</summary>
public static class GradientClipping
{
    /// <summary>Scales the gradients down so that their norm does not exceed <paramref name="maxNorm"/>.</summary>
    /// <param name="buckets">All parameters; scaled where the norm is finite and too large.</param>
    /// <param name="maxNorm">Above 0; infinity only measures.</param>
    /// <returns>The norm before clipping; infinite or not a number where a gradient is.</returns>
    public static double Clip(IReadOnlyList<ParameterBucket> buckets, double maxNorm)
    {
        using var guard = no_grad();
        var norm = Math.Sqrt(buckets.Sum(bucket => bucket.Gradients.SquaredNorm(bucket.Runs)));
        if (double.IsFinite(norm) && norm > maxNorm)
        {
            foreach (var bucket in buckets)
            {
                bucket.Gradients.Scale(maxNorm / norm);
            }
        }

        return norm;
    }
}
