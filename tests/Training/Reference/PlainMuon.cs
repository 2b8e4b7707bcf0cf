namespace Orca.Training.Tests.Reference;

/// <summary>
/// Muon (Jordan et al. 2024) for the matrices of the layers: momentum with Nesterov's look ahead, orthogonalised by five rounds of the
/// quintic iteration of the published code.
/// </summary>
internal sealed class PlainMuon(double momentum, double weightDecay)
{
    private readonly Dictionary<string, double[]> moments = [];

    public void Step(IEnumerable<PlainWeight> matrices, double rate)
    {
        foreach (var matrix in matrices)
        {
            var moment = moments.TryGetValue(matrix.Name, out var kept) ? kept : moments[matrix.Name] = new double[matrix.Values.Length];
            var direction = new double[moment.Length];
            for (var i = 0; i < moment.Length; i++)
            {
                moment[i] = (momentum * moment[i]) + ((1 - momentum) * matrix.Gradient[i]);
                direction[i] = ((1 - momentum) * matrix.Gradient[i]) + (momentum * moment[i]);
            }

            var update = Orthogonal(direction, matrix.Rows, matrix.Columns);
            var step = rate * Math.Sqrt(Math.Max(1.0, (double)matrix.Rows / matrix.Columns));
            for (var i = 0; i < moment.Length; i++)
            {
                matrix.Values[i] = (matrix.Values[i] * (1 - (rate * weightDecay))) - (step * update[i]);
            }
        }
    }

    private static double[] Orthogonal(double[] matrix, int rows, int columns)
    {
        if (rows > columns)
        {
            return Transposed(Orthogonal(Transposed(matrix, rows, columns), columns, rows), columns, rows);
        }

        var norm = Math.Sqrt(matrix.Sum(value => value * value)) + 1e-7;
        var x = matrix.Select(value => value / norm).ToArray();
        for (var round = 0; round < 5; round++)
        {
            var gram = Product(x, Transposed(x, rows, columns), rows, columns, rows);
            var squared = Product(gram, gram, rows, rows, rows);
            var polynomial = gram.Zip(squared, (one, two) => (-4.7750 * one) + (2.0315 * two)).ToArray();
            x = [.. x.Zip(Product(polynomial, x, rows, rows, columns), (one, other) => (3.4445 * one) + other)];
        }

        return x;
    }

    private static double[] Product(double[] a, double[] b, int rows, int inner, int columns)
    {
        var product = new double[rows * columns];
        for (var r = 0; r < rows; r++)
        {
            for (var i = 0; i < inner; i++)
            {
                for (var c = 0; c < columns; c++)
                {
                    product[(r * columns) + c] += a[(r * inner) + i] * b[(i * columns) + c];
                }
            }
        }

        return product;
    }

    private static double[] Transposed(double[] matrix, int rows, int columns)
    {
        var transposed = new double[matrix.Length];
        for (var i = 0; i < matrix.Length; i++)
        {
            transposed[(i % columns * rows) + (i / columns)] = matrix[i];
        }

        return transposed;
    }
}
