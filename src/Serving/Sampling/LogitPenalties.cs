using System.Runtime.InteropServices;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>Counts the tokens of one sample and changes logits by them: repetition, presence and frequency penalties.</summary>
internal sealed class LogitPenalties
{
    /// <summary>Room for so many different tokens is made at the start, so that drawing them allocates nothing.</summary>
    private const int MostReserved = 4_096;

    private readonly SamplingOptions sampling;

    /// <summary>How often the answer holds each token; 0 for one that only the prompt holds.</summary>
    private readonly Dictionary<int, int> counts;

    /// <param name="sampling">The penalties.</param>
    /// <param name="promptCounts">The prompt's tokens, each with 0; null where they do not matter. Not changed.</param>
    /// <param name="answerTokens">Tokens of the answer at most.</param>
    public LogitPenalties(SamplingOptions sampling, Dictionary<int, int>? promptCounts, int answerTokens)
    {
        this.sampling = sampling;
        counts = promptCounts is null ? [] : new Dictionary<int, int>(promptCounts);
        counts.EnsureCapacity(counts.Count + Math.Min(answerTokens, MostReserved));
    }

    /// <summary>Whether a request asks for any.</summary>
    public static bool AreAsked(SamplingOptions sampling) =>
        sampling.RepetitionPenalty != 1 || sampling.PresencePenalty != 0 || sampling.FrequencyPenalty != 0;

    /// <summary>Changes the logits.</summary>
    public void Apply(Span<float> logits_V)
    {
        foreach (var (token, count) in counts)
        {
            if (token < logits_V.Length)
            {
                ref var logit = ref logits_V[token];
                logit = logit > 0 ? logit / sampling.RepetitionPenalty : logit * sampling.RepetitionPenalty;
                logit -= count == 0 ? 0 : sampling.PresencePenalty + (sampling.FrequencyPenalty * count);
                logit = RowMath.Bounded(logit);
            }
        }
    }

    /// <summary>Counts a token of the answer.</summary>
    public void Accept(int token) => CollectionsMarshal.GetValueRefOrAddDefault(counts, token, out _)++;
}
