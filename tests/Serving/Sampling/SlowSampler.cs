using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Sampling;

/// <summary>What a token is drawn from, the plain way: everything sorted, everything in fp64. Judges the fast one.</summary>
internal static class SlowSampler
{
    /// <summary>Probability of each token that can be drawn.</summary>
    public static Dictionary<int, double> Distribution(float[] logits, SamplingOptions sampling, int[] prompt, int[] answer)
    {
        var changed = logits.Select((logit, id) => Penalize(logit, id, sampling, prompt, answer)).ToArray();
        var max = changed.Max();
        var weights = changed.Select(logit => Math.Exp((logit - max) / sampling.Temperature)).ToArray();
        var ranked = Enumerable.Range(0, logits.Length).OrderByDescending(id => changed[id]).ThenBy(id => id).ToList();
        if (sampling.TopK > 0)
        {
            ranked = [.. ranked.Take(sampling.TopK)];
        }

        var enough = sampling.TopP * ranked.Sum(id => weights[id]);
        var (sum, count) = (0.0, 0);
        while (count < ranked.Count && sum < enough)
        {
            sum += weights[ranked[count++]];
        }

        var kept = ranked.Take(Math.Max(1, count)).Where(id => weights[id] >= sampling.MinP).ToList();
        var total = kept.Sum(id => weights[id]);
        return kept.ToDictionary(id => id, id => weights[id] / total);
    }

    private static double Penalize(double logit, int id, SamplingOptions sampling, int[] prompt, int[] answer)
    {
        var count = answer.Count(token => token == id);
        if (count > 0 || prompt.Contains(id))
        {
            logit = logit > 0 ? logit / sampling.RepetitionPenalty : logit * sampling.RepetitionPenalty;
        }

        logit -= count > 0 ? sampling.PresencePenalty + (sampling.FrequencyPenalty * count) : 0;
        return logit + sampling.LogitBias.GetValueOrDefault(id);
    }
}
