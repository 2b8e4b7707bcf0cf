namespace Orca.Cli.Doctor;

/// <summary>Causal attention by its definition, in double: slow, plain, and the judge of the fast kinds.</summary>
internal static class AttentionReference
{
    /// <summary>Sizes of an attention.</summary>
    /// <param name="Rows">Sequences.</param>
    /// <param name="Tokens">Tokens of a sequence.</param>
    /// <param name="Heads">Query heads.</param>
    /// <param name="KvHeads">Key and value heads; query head h uses number h·KvHeads/Heads.</param>
    /// <param name="HeadDim">Width of a head.</param>
    internal readonly record struct Shape(int Rows, int Tokens, int Heads, int KvHeads, int HeadDim);

    /// <summary>softmax(q·k / √D)·v over each token's past and itself.</summary>
    /// <param name="query">[rows, tokens, heads, headDim], row-major.</param>
    /// <param name="key">[rows, tokens, kvHeads, headDim].</param>
    /// <param name="value">As <paramref name="key"/>.</param>
    /// <param name="shape">The sizes.</param>
    /// <returns>As <paramref name="query"/>.</returns>
    public static double[] Compute(double[] query, double[] key, double[] value, Shape shape)
    {
        var attended = new double[query.Length];
        for (var row = 0; row < shape.Rows; row++)
        {
            for (var token = 0; token < shape.Tokens; token++)
            {
                for (var head = 0; head < shape.Heads; head++)
                {
                    var at = ((((row * shape.Tokens) + token) * shape.Heads) + head) * shape.HeadDim;
                    var kvHead = head * shape.KvHeads / shape.Heads;
                    int Past(int earlier) => ((((row * shape.Tokens) + earlier) * shape.KvHeads) + kvHead) * shape.HeadDim;
                    One(query.AsSpan(at, shape.HeadDim), key, value, token + 1, Past, attended.AsSpan(at, shape.HeadDim));
                }
            }
        }

        return attended;
    }

    private static void One(
        ReadOnlySpan<double> query, double[] key, double[] value, int visible, Func<int, int> past, Span<double> attended)
    {
        var weights = new double[visible];
        for (var i = 0; i < visible; i++)
        {
            for (var d = 0; d < query.Length; d++)
            {
                weights[i] += query[d] * key[past(i) + d];
            }

            weights[i] /= Math.Sqrt(query.Length);
        }

        var (highest, sum) = (weights.Max(), 0.0);
        for (var i = 0; i < visible; i++)
        {
            weights[i] = Math.Exp(weights[i] - highest);
            sum += weights[i];
        }

        for (var i = 0; i < visible; i++)
        {
            for (var d = 0; d < attended.Length; d++)
            {
                attended[d] += weights[i] / sum * value[past(i) + d];
            }
        }
    }
}
