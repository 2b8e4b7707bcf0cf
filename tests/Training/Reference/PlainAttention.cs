namespace Orca.Training.Tests.Reference;

/// <summary>
/// Causal attention of one document: each token mixes the values of itself and those before it, by the softmax of query times key over the
/// root of the head's size. Several query heads share a head of keys and values.
/// </summary>
internal static class PlainAttention
{
    public static (double[][] Mixed, Func<double[][], (double[][] Query, double[][] Key, double[][] Value)> Back) Of(
        double[][] query, double[][] key, double[][] value, int headSize)
    {
        var heads = query[0].Length / headSize;
        var sharing = query[0].Length / key[0].Length;
        var shares = Enumerable.Range(0, heads)
            .Select(head => Enumerable.Range(0, query.Length).Select(t => Shares(head, t)).ToArray())
            .ToArray();
        return (Mix(), Backward);

        double[] Shares(int head, int t)
        {
            var scores = Enumerable.Range(0, t + 1)
                .Select(s => Product(query[t], head, key[s], head / sharing) / Math.Sqrt(headSize))
                .ToArray();
            var largest = scores.Max();
            var powers = scores.Select(score => Math.Exp(score - largest)).ToArray();
            var sum = powers.Sum();
            return [.. powers.Select(power => power / sum)];
        }

        double[][] Mix()
        {
            var mixed = query.Select(row => new double[row.Length]).ToArray();
            foreach (var (head, t, s) in Pairs())
            {
                Add(mixed[t], head, value[s], head / sharing, shares[head][t][s]);
            }

            return mixed;
        }

        (double[][] Query, double[][] Key, double[][] Value) Backward(double[][] slope)
        {
            var (dq, dk, dv) = (Like(query), Like(key), Like(value));
            for (var head = 0; head < heads; head++)
            {
                var shared = head / sharing;
                for (var t = 0; t < query.Length; t++)
                {
                    var slopes = Enumerable.Range(0, t + 1).Select(s => Product(slope[t], head, value[s], shared)).ToArray();
                    var mean = slopes.Zip(shares[head][t], (one, share) => one * share).Sum();
                    for (var s = 0; s <= t; s++)
                    {
                        Add(dv[s], shared, slope[t], head, shares[head][t][s]);
                        var score = shares[head][t][s] * (slopes[s] - mean) / Math.Sqrt(headSize);
                        Add(dq[t], head, key[s], shared, score);
                        Add(dk[s], shared, query[t], head, score);
                    }
                }
            }

            return (dq, dk, dv);
        }

        IEnumerable<(int Head, int T, int S)> Pairs() =>
            from head in Enumerable.Range(0, heads)
            from t in Enumerable.Range(0, query.Length)
            from s in Enumerable.Range(0, t + 1)
            select (head, t, s);

        double Product(double[] one, int head, double[] other, int otherHead)
        {
            var sum = 0.0;
            for (var i = 0; i < headSize; i++)
            {
                sum += one[(head * headSize) + i] * other[(otherHead * headSize) + i];
            }

            return sum;
        }

        void Add(double[] to, int head, double[] from, int fromHead, double times)
        {
            for (var i = 0; i < headSize; i++)
            {
                to[(head * headSize) + i] += times * from[(fromHead * headSize) + i];
            }
        }

        static double[][] Like(double[][] rows) => [.. rows.Select(row => new double[row.Length])];
    }
}
