namespace Orca.Training.Tests.Reference;

/// <summary>AdamW (Loshchilov and Hutter 2019), by its formula. Matrices but the embedding are decayed.</summary>
internal sealed class PlainAdamW(double beta1, double beta2, double epsilon, double weightDecay)
{
    private readonly Dictionary<string, (double[] First, double[] Second)> moments = [];
    private int steps;

    public void Step(IEnumerable<PlainWeight> weights, double rate)
    {
        steps++;
        foreach (var weight in weights)
        {
            var (first, second) = moments.TryGetValue(weight.Name, out var kept)
                ? kept
                : moments[weight.Name] = (new double[weight.Values.Length], new double[weight.Values.Length]);
            var decay = weight.Rows > 1 && weight.Name != "model.embed_tokens.weight" ? weightDecay : 0;
            for (var i = 0; i < first.Length; i++)
            {
                var gradient = weight.Gradient[i];
                first[i] = (beta1 * first[i]) + ((1 - beta1) * gradient);
                second[i] = (beta2 * second[i]) + ((1 - beta2) * gradient * gradient);
                var unbiasedFirst = first[i] / (1 - Math.Pow(beta1, steps));
                var unbiasedSecond = second[i] / (1 - Math.Pow(beta2, steps));
                weight.Values[i] -= rate * ((unbiasedFirst / (Math.Sqrt(unbiasedSecond) + epsilon)) + (decay * weight.Values[i]));
            }
        }
    }
}
