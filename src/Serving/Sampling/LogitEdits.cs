using System.Collections.Immutable;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling;

/// <summary>
/// What a request changes logits by, as far as all its samples have it in common: made once, away from the engine's thread, since
/// a thousand biases or a long prompt's tokens for each of 64 samples would hold up a step.
/// </summary>
/// <param name="Bias">Added to these tokens' logits.</param>
/// <param name="PromptCounts">The prompt's tokens, each with 0, for penalties that mind them; null where none does.</param>
internal sealed record LogitEdits(ImmutableArray<(int Token, float Bias)> Bias, Dictionary<int, int>? PromptCounts)
{
    /// <summary>Those of a request.</summary>
    /// <param name="sampling">Its penalties and biases.</param>
    /// <param name="prompt">Its prompt's tokens.</param>
    public static LogitEdits Of(SamplingOptions sampling, ImmutableArray<int> prompt) => new(
        [.. sampling.LogitBias.Select(pair => (pair.Key, pair.Value))],
        sampling.RepetitionPenalty == 1 ? null : prompt.Distinct().ToDictionary(token => token, _ => 0));
}
