namespace Orca.Training.Tests.Reference;

/// <summary>
/// Turns each head by its token's position: value i with value i + D/2 by position · base^(-2i/D), as Hugging Face pairs them.
/// </summary>
internal static class PlainRotation
{
    public static Differentiable Of(double[][] x, int headSize, double thetaBase)
    {
        return new Differentiable(Turned(x, 1), slope => Turned(slope, -1));

        // A turn's backward pass is the turn the other way.
        double[][] Turned(double[][] rows, int direction) =>
            [.. rows.Select((row, position) => Turn(row, position, direction))];

        double[] Turn(double[] row, int position, int direction)
        {
            var turned = new double[row.Length];
            var half = headSize / 2;
            for (var head = 0; head < row.Length; head += headSize)
            {
                for (var i = 0; i < half; i++)
                {
                    var angle = direction * position * Math.Pow(thetaBase, -2.0 * i / headSize);
                    var (a, b) = (row[head + i], row[head + i + half]);
                    turned[head + i] = (a * Math.Cos(angle)) - (b * Math.Sin(angle));
                    turned[head + i + half] = (a * Math.Sin(angle)) + (b * Math.Cos(angle));
                }
            }

            return turned;
        }
    }
}
