using Orca.Model.Native;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

// n elements of a run.

/// <summary>
/// AdamW with decoupled weight decay: one fused kernel call in float32 for every run of a bucket, whatever its parameters are kept in.
/// </summary>
/// <remarks>Owned by the trainer's thread.</remarks>
public sealed class AdamW : IOptimizer
{
    private readonly AdamWOptions options;
    private readonly Tensor stepCount;
    private double learningRate;

    /// <summary>An optimizer that has made no step.</summary>
    public AdamW(AdamWOptions options, Device device)
    {
        this.options = options;
        stepCount = zeros(1, ScalarType.Float32, device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public bool HasSecondMoments(BucketLayout bucket) => true;

    /// <inheritdoc/>
    public void Begin(double learningRate)
    {
        using var guard = no_grad();
        Steps++;
        stepCount.Filled_(Steps);
        this.learningRate = learningRate;
    }

    /// <inheritdoc/>
    public void Move(ParameterBucket bucket, Rounding rounding)
    {
        using var guard = no_grad();
        var second = bucket.SecondMoments
            ?? throw new InvalidOperationException("AdamW needs second moments, and this bucket has none.");
        foreach (var (start, count) in bucket.Runs)
        {
            using var scope = NewDisposeScope();
            var weights_n = bucket.Weights.Read(start, count);
            var first_n = bucket.FirstMoments.Read(start, count);
            var second_n = second.Read(start, count);
            Aten.FusedAdamW(
                [weights_n], [bucket.Gradients.Read(start, count)], [first_n], [second_n], [stepCount],
                learningRate, options.Beta1, options.Beta2, bucket.Layout.AreDecayed ? options.WeightDecay : 0, options.Epsilon);
            bucket.Weights.Write(start, weights_n, rounding);
            bucket.FirstMoments.Write(start, first_n, rounding);
            second.Write(start, second_n, rounding);
        }
    }

    /// <inheritdoc/>
    public void Restore(long steps) => Steps = steps;

    /// <inheritdoc/>
    public void Dispose() => stepCount.Dispose();
}
