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
/// step is then a few batched products, about a tenth of its forward and backward pass. Owned by the trainer's thread.
/// </remarks>
public sealed class Muon : IOptimizer
{
    // Quintic Newton-Schulz iteration with the coefficients of the reference above: five rounds bring singular values near one.
    private const int Rounds = 5;
    private const double Linear = 3.4445;
    private const double Cubic = -4.7750;
    private const double Quintic = 2.0315;
    private const double AboveZero = 1e-7;

    private readonly MuonOptions options;
    private readonly PanelOperators? operators;
    private readonly AdamW rest;
    private double learningRate;

    /// <summary>An optimizer that has made no step.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="restOptions">Those of what it leaves to AdamW.</param>
    /// <param name="device">Where the parameters lie.</param>
    /// <param name="operators">What computes its products; null: libtorch. Borrowed.</param>
    public Muon(MuonOptions options, AdamWOptions restOptions, Device device, PanelOperators? operators = null)
    {
        this.operators = operators;
        this.options = options;
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

    /// <summary>
    /// The nearest matrices with orthonormal rows or columns, whichever are fewer, approximately: singular values lie in 0.7 to 1.2.
    /// </summary>
    /// <param name="matrices_SRC">[S,R,C] float32.</param>
    /// <param name="operators">What computes the products; null: libtorch.</param>
    /// <returns>[S,R,C] float32, in the caller's dispose scope.</returns>
    public static Tensor Orthogonalise(Tensor matrices_SRC, PanelOperators? operators = null)
    {
        var tall = matrices_SRC.shape[1] > matrices_SRC.shape[2];
        var x = tall ? matrices_SRC.transpose(1, 2).contiguous() : matrices_SRC;
        x = x / x.mul(x).sum([1, 2], keepdim: true).sqrt().Plus_(AboveZero);
        for (var round = 0; round < Rounds; round++)
        {
            var gram = Product(x, x, isTransposed: true, isSymmetric: true);
            var polynomial = Product(gram, gram, isTransposed: false, isSymmetric: true).Times_(Quintic).Plus_(gram, Cubic);
            x = Product(polynomial, x, isTransposed: false, isSymmetric: false).Plus_(x, Linear);
        }

        return tall ? x.transpose(1, 2) : x;

        Tensor Product(Tensor left, Tensor right, bool isTransposed, bool isSymmetric) =>
            operators?.BatchedProduct(left, right, isTransposed, isSymmetric)
            ?? left.bmm(isTransposed ? right.transpose(1, 2) : right);
    }

    private void Move(ParameterSlot[] matrices, Tensor weights_N, Tensor direction_N)
    {
        using var scope = NewDisposeScope();
        var rate = learningRate * options.LearningRateRatio;
        var (rows, columns) = (matrices[0].Shape[0], matrices[0].Shape[1]);
        var update_SRC = Orthogonalise(stack([.. matrices.Select(slot => ParameterBucket.View(direction_N, slot))]), operators);
        // A tall matrix needs the longer step to change its output as much as a wide one does.
        var step = rate * Math.Sqrt(Math.Max(1.0, (double)rows / columns));
        var kept = 1 - (rate * options.WeightDecay);
        for (var i = 0; i < matrices.Length; i++)
        {
            ParameterBucket.View(weights_N, matrices[i]).Times_(kept).Plus_(update_SRC[i], -step);
        }
    }
}

/// <summary>Settings of <see cref="Muon"/>.</summary>
public sealed record MuonOptions
{
    /// <summary>Decay of the momentum, 0 to 1 exclusive.</summary>
    public double Momentum { get; init; } = 0.95;

    /// <summary>Learning rate of the matrices over that of everything else, above 0.</summary>
    public double LearningRateRatio { get; init; } = 10;

    /// <summary>Decoupled weight decay, 0 or more.</summary>
    public double WeightDecay { get; init; }
}
