namespace Orca.Training.Tests.Reference;

/// <summary>Each row times the transposed weight: output o of a row is the sum over i of input i times weight [o, i].</summary>
internal static class PlainLinear
{
    public static Differentiable Of(double[][] x, PlainWeight weight)
    {
        return new Differentiable([.. x.Select(Forward)], slope => [.. x.Zip(slope, Backward)]);

        double[] Forward(double[] row)
        {
            var outputs = new double[weight.Rows];
            for (var o = 0; o < outputs.Length; o++)
            {
                var factors = weight.Values.AsSpan(o * weight.Columns, row.Length);
                var sum = 0.0;
                for (var i = 0; i < row.Length; i++)
                {
                    sum += factors[i] * row[i];
                }

                outputs[o] = sum;
            }

            return outputs;
        }

        double[] Backward(double[] row, double[] slope)
        {
            var inputs = new double[row.Length];
            for (var o = 0; o < slope.Length; o++)
            {
                var factors = weight.Values.AsSpan(o * weight.Columns, row.Length);
                var gradient = weight.Gradient.AsSpan(o * weight.Columns, row.Length);
                for (var i = 0; i < row.Length; i++)
                {
                    inputs[i] += slope[o] * factors[i];
                    gradient[i] += slope[o] * row[i];
                }
            }

            return inputs;
        }
    }
}
