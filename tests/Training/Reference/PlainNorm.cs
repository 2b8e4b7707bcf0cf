namespace Orca.Training.Tests.Reference;

/// <summary>Each row over the root of its mean square, scaled value by value.</summary>
internal static class PlainNorm
{
    public static Differentiable Of(double[][] x, PlainWeight weight, double epsilon)
    {
        var scales = x.Select(row => 1 / Math.Sqrt(row.Average(value => value * value) + epsilon)).ToArray();
        var rows = x.Zip(scales, (row, scale) => row.Select((value, i) => value * scale * weight.Values[i]).ToArray());
        return new Differentiable([.. rows], slope => [.. slope.Select((dy, t) => Backward(x[t], scales[t], dy))]);

        double[] Backward(double[] row, double scale, double[] slope)
        {
            // The scale falls as the values grow: d scale / d x[i] = -scale³ x[i] / n.
            var turned = 0.0;
            for (var i = 0; i < row.Length; i++)
            {
                weight.Gradient[i] += slope[i] * row[i] * scale;
                turned += slope[i] * weight.Values[i] * row[i];
            }

            return [.. row.Select((value, i) =>
                (slope[i] * weight.Values[i] * scale) - (turned * scale * scale * scale * value / row.Length))];
        }
    }
}
