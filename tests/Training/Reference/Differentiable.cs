namespace Orca.Training.Tests.Reference;

/// <summary>What a part of the network gives, a row a token, and its backward pass.</summary>
/// <param name="Rows">The values.</param>
/// <param name="Back">
/// From the loss's slope in the values to its slope in the part's input. Adds to the gradients of the weights on its way, so it is called
/// once.
/// </param>
internal sealed record Differentiable(double[][] Rows, Func<double[][], double[][]> Back)
{
    /// <summary>The part that comes after this one.</summary>
    public Differentiable Then(Func<double[][], Differentiable> next)
    {
        var after = next(Rows);
        return new Differentiable(after.Rows, slope => Back(after.Back(slope)));
    }

    /// <summary>An input, and what a part makes of it added to it.</summary>
    public static Differentiable Residual(double[][] x, Func<double[][], Differentiable> part)
    {
        var change = part(x);
        return new Differentiable(Sum(x, change.Rows), slope => Sum(slope, change.Back(slope)));
    }

    public static double[][] Sum(double[][] one, double[][] other) =>
        [.. one.Zip(other, (a, b) => a.Zip(b, (left, right) => left + right).ToArray())];
}
