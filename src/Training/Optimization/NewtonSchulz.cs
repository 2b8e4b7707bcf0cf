using Orca.Model.Native;
using Orca.Model.Products;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

// S matrices of one shape, R rows, C columns; G of R by R.

/// <summary>
/// Orthogonalises matrices by the quintic Newton-Schulz iteration of Muon (kellerjordan.github.io/posts/muon), with its coefficients:
/// X becomes (a + b·XXᵀ + c·(XXᵀ)²)·X, and five rounds bring singular values near one.
/// </summary>
/// <param name="operators">What computes the products; null: libtorch. Borrowed.</param>
/// <remarks>
/// Of wide matrices only XXᵀ is iterated: the polynomials of all rounds commute, so that their product, applied to X once, is the
/// same in exact arithmetic, and costs half the work where there are three columns a row.
/// </remarks>
internal sealed class NewtonSchulz(PanelOperators? operators)
{
    private const int Rounds = 5;
    private const double Linear = 3.4445;
    private const double Cubic = -4.7750;
    private const double Quintic = 2.0315;
    private const double AboveZero = 1e-7;

    /// <summary>
    /// The nearest matrices with orthonormal rows or columns, whichever are fewer, approximately: singular values lie in 0.7 to 1.2.
    /// </summary>
    /// <param name="matrices_SRC">[S,R,C] float32.</param>
    /// <returns>[S,R,C] float32, in the caller's dispose scope.</returns>
    public Tensor Orthogonalise(Tensor matrices_SRC)
    {
        var tall = matrices_SRC.shape[1] > matrices_SRC.shape[2];
        var x = tall ? matrices_SRC.transpose(1, 2).contiguous() : matrices_SRC;
        x = x / x.mul(x).sum([1, 2], keepdim: true).sqrt().Plus_(AboveZero);
        x = x.shape[2] >= 2 * x.shape[1] ? ByGram(x) : Direct(x);
        return tall ? x.transpose(1, 2) : x;
    }

    private Tensor Direct(Tensor x_SRC)
    {
        for (var round = 0; round < Rounds; round++)
        {
            x_SRC = Applied(Polynomial(Gram(x_SRC)), x_SRC);
        }

        return x_SRC;
    }

    private Tensor ByGram(Tensor x_SRC)
    {
        var gram = Gram(x_SRC);
        var polynomial = Polynomial(gram);
        var all = polynomial;
        for (var round = 1; round < Rounds; round++)
        {
            gram = Both(polynomial, Both(polynomial, gram));
            polynomial = Polynomial(gram);
            all = Both(polynomial, all);
        }

        return Applied(all, x_SRC);
    }

    private Tensor Polynomial(Tensor gram_SGG) => Both(gram_SGG, gram_SGG).Times_(Quintic).Plus_(gram_SGG, Cubic)
        .Plus_(eye(gram_SGG.shape[1], dtype: gram_SGG.dtype, device: gram_SGG.device), Linear);

    private Tensor Gram(Tensor x_SRC) =>
        operators?.BatchedProduct(x_SRC, x_SRC, isTransposed: true, isSymmetric: true) ?? x_SRC.bmm(x_SRC.transpose(1, 2));

    // Of symmetric matrices that commute: symmetric.
    private Tensor Both(Tensor one_SGG, Tensor other_SGG) =>
        operators?.BatchedProduct(one_SGG, other_SGG, isSymmetric: true, isLeftSymmetric: true) ?? one_SGG.bmm(other_SGG);

    private Tensor Applied(Tensor symmetric_SGG, Tensor x_SRC) =>
        operators?.BatchedProduct(symmetric_SGG, x_SRC, isLeftSymmetric: true) ?? symmetric_SGG.bmm(x_SRC);
}
