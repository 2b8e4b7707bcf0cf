using Orca.Model.Native;
using Orca.Model.Products;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

// S matrices of one shape, R rows, C columns.

/// <summary>
/// Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): the matrices of the layers move along the orthogonalised Nesterov
/// momentum of their gradient, so that every direction learns at one speed; everything else is left to <see cref="AdamW"/>.
/// </summary>
/// <remarks>
/// Momentum lies in the first moments; there are no second ones. Matrices of one shape are orthogonalised together: a small student's
/// step is then a few batched products. Owned by the trainer's thread.
/// </remarks>
public sealed class Muon : IOptimizer
{
    private readonly MuonOptions options;
    private readonly double rateRatio;
    private readonly double weightDecay;
    private readonly NewtonSchulz iteration;
    private readonly AdamW rest;
    private double learningRate;

    /// <summary>An optimizer that has made no step.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="restOptions">Those of what it leaves to AdamW, and the decay of all matrices.</param>
    /// <param name="peak">The highest learning rate of what it leaves to AdamW.</param>
    /// <param name="device">Where the parameters lie.</param>
    /// <param name="operators">What computes its products; null: libtorch. Borrowed.</param>
    public Muon(MuonOptions options, AdamWOptions restOptions, double peak, Device device, PanelOperators? operators = null)
    {
        iteration = new NewtonSchulz(operators);
        this.options = options;
        rateRatio = options.LearningRate / peak;
        weightDecay = restOptions.WeightDecay;
        rest = new AdamW(restOptions, device);
    }

    /// <inheritdoc/>
    public long Steps => rest.Steps;

    /// <inheritdoc/>
    public bool HasSecondMoments(BucketLayout bucket) => !bucket.AreLayerMatrices;

    /// <inheritdoc/>
    public void Begin(double learningRate)
    {
        this.learningRate = learningRate;
        rest.Begin(learningRate);
    }

    /// <inheritdoc/>
    public void Move(ParameterBucket bucket, Rounding rounding)
    {
        if (!bucket.Layout.AreLayerMatrices)
        {
            rest.Move(bucket, rounding);
            return;
        }

        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var gradients_N = bucket.Gradients.Read(0, bucket.Layout.Size);
        var momentum_N = bucket.FirstMoments.Read(0, bucket.Layout.Size).lerp_(gradients_N, 1 - options.Momentum);
        var direction_N = gradients_N.lerp(momentum_N, options.Momentum);
        bucket.FirstMoments.Write(0, momentum_N, rounding);
        var weights_N = bucket.Weights.Read(0, bucket.Layout.Size);
        foreach (var matrices in bucket.Layout.Slots.GroupBy(slot => (slot.Shape[0], slot.Shape[1])))
        {
            Move([.. matrices], weights_N, direction_N);
        }

        bucket.Weights.Write(0, weights_N, rounding);
    }

    /// <inheritdoc/>
    public void Restore(long steps) => rest.Restore(steps);

    /// <inheritdoc/>
    public void Dispose() => rest.Dispose();

    private void Move(ParameterSlot[] matrices, Tensor weights_N, Tensor direction_N)
    {
        using var scope = NewDisposeScope();
        var rate = learningRate * rateRatio;
        var (rows, columns) = (matrices[0].Shape[0], matrices[0].Shape[1]);
        var update_SRC = iteration.Orthogonalise(stack([.. matrices.Select(slot => ParameterBucket.View(direction_N, slot))]));
        // A tall matrix needs the longer step to change its output as much as a wide one does.
        var step = rate * Math.Sqrt(Math.Max(1.0, (double)rows / columns));
        var kept = 1 - (rate * weightDecay);
        for (var i = 0; i < matrices.Length; i++)
        {
            ParameterBucket.View(weights_N, matrices[i]).Times_(kept).Plus_(update_SRC[i], -step);
        }
    }
}
