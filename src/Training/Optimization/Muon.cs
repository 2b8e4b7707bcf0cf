using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

// S matrices of one shape, R rows, C columns.

/// <summary>
/// Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): the matrices of the layers move along the orthogonalised Nesterov
/// momentum of their gradient, so that every direction learns at one speed; everything else is left to <see cref="AdamW"/>.
/// </summary>
/// <remarks>
/// Momentum lies in the first moments. Matrices of one shape are orthogonalised together: a small student's step is then a few
/// batched products, about a tenth of its forward and backward pass. Owned by the trainer's thread.
/// </remarks>
public sealed class Muon : IOptimizer
{
    // Quintic Newton-Schulz iteration with the coefficients of the reference above: five rounds bring singular values near one.
    private const int Rounds = 5;
    private const double Linear = 3.4445;
    private const double Cubic = -4.7750;
    private const double Quintic = 2.0315;
    private const double AboveZero = 1e-7;

    private readonly FlatParameters parameters;
    private readonly MuonOptions options;
    private readonly AdamW rest;
    private readonly long matrixElements;
    private readonly ParameterSlot[][] matricesByShape;

    /// <summary>An optimizer that has made no step. Borrows the parameters.</summary>
    public Muon(FlatParameters parameters, MuonOptions options, AdamWOptions restOptions)
    {
        this.parameters = parameters;
        this.options = options;
        var matrices = parameters.Slots.TakeWhile(slot => slot.IsLayerMatrix).ToArray();
        matrixElements = matrices.Length == 0 ? 0 : matrices[^1].End;
        matricesByShape = [.. matrices.GroupBy(slot => (slot.Shape[0], slot.Shape[1])).Select(group => group.ToArray())];
        rest = new AdamW(parameters, restOptions, matrixElements);
    }

    /// <inheritdoc/>
    public long Steps => rest.Steps;

    /// <inheritdoc/>
    public Tensor FirstMoments => rest.FirstMoments;

    /// <inheritdoc/>
    public Tensor SecondMoments => rest.SecondMoments;

    /// <inheritdoc/>
    public void Step(double learningRate)
    {
        using (no_grad())
        using (NewDisposeScope())
        {
            var gradients = parameters.Gradients.narrow(0, 0, matrixElements);
            var momentum = FirstMoments.narrow(0, 0, matrixElements).lerp_(gradients, 1 - options.Momentum);
            var direction = gradients.lerp(momentum, options.Momentum);
            foreach (var matrices in matricesByShape)
            {
                Move(matrices, direction, learningRate * options.LearningRateRatio);
            }
        }

        rest.Step(learningRate);
    }

    /// <inheritdoc/>
    public void Restore(long steps) => rest.Restore(steps);

    /// <inheritdoc/>
    public void Dispose() => rest.Dispose();

    /// <summary>
    /// The nearest matrices with orthonormal rows or columns, whichever are fewer, approximately: singular values lie in 0.7 to 1.2.
    /// </summary>
    /// <param name="matrices_SRC">[S,R,C] float32.</param>
    /// <returns>[S,R,C] float32, in the caller's dispose scope.</returns>
    public static Tensor Orthogonalise(Tensor matrices_SRC)
    {
        var tall = matrices_SRC.shape[1] > matrices_SRC.shape[2];
        var x = tall ? matrices_SRC.transpose(1, 2) : matrices_SRC;
        x = x / x.mul(x).sum([1, 2], keepdim: true).sqrt().Plus_(AboveZero);
        for (var round = 0; round < Rounds; round++)
        {
            var gram = x.bmm(x.transpose(1, 2));
            var polynomial = gram.bmm(gram).Times_(Quintic).Plus_(gram, Cubic);
            x = polynomial.bmm(x).Plus_(x, Linear);
        }

        return tall ? x.transpose(1, 2) : x;
    }

    private void Move(ParameterSlot[] matrices, Tensor direction, double rate)
    {
        var (rows, columns) = (matrices[0].Shape[0], matrices[0].Shape[1]);
        var update_SRC = Orthogonalise(stack([.. matrices.Select(slot => FlatParameters.View(direction, slot))]));
        // A tall matrix needs the longer step to change its output as much as a wide one does.
        var step = rate * Math.Sqrt(Math.Max(1.0, (double)rows / columns));
        var kept = 1 - (rate * options.WeightDecay);
        for (var i = 0; i < matrices.Length; i++)
        {
            FlatParameters.View(parameters.Values, matrices[i]).Times_(kept).Plus_(update_SRC[i], -step);
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
