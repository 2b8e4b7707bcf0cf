namespace Orca.Training.Tests.Reference;

/// <summary>
/// The Kullback-Leibler divergence of the softmax of some logits from that of others, over the likeliest tokens of the latter and all
/// others as one.
/// </summary>
internal static class PlainDivergence
{
    /// <param name="wanted">Logits of one position, whose likeliest tokens are compared.</param>
    /// <param name="logits">Those that are judged by them.</param>
    /// <param name="top">How many tokens are compared one by one.</param>
    /// <returns>The divergence, and its slope in <paramref name="logits"/>.</returns>
    public static (double Loss, double[] Slope) Of(double[] wanted, double[] logits, int top)
    {
        var (q, p) = (Softmax(wanted), Softmax(logits));
        var likeliest = Enumerable.Range(0, q.Length).OrderByDescending(token => q[token]).Take(top).ToHashSet();
        var (restOfQ, restOfP) = (Rest(q), Rest(p));
        var loss = likeliest.Sum(token => q[token] * Math.Log(q[token] / p[token]));
        loss += likeliest.Count < q.Length ? restOfQ * Math.Log(restOfQ / restOfP) : 0;
        return (loss, [.. p.Select((its, token) => its - (likeliest.Contains(token) ? q[token] : restOfQ * its / restOfP))]);

        double Rest(double[] all) => all.Where((_, token) => !likeliest.Contains(token)).Sum();
    }

    private static double[] Softmax(double[] logits)
    {
        var largest = logits.Max();
        var powers = logits.Select(logit => Math.Exp(logit - largest)).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
