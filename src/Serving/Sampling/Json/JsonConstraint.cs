using System.Numerics;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Sampling.Json;

// V vocabulary

/// <summary>Holds one answer to a form of JSON.</summary>
internal sealed class JsonConstraint : ITokenConstraint
{
    private readonly JsonMasks masks;
    private readonly StudentLanguage language;
    private readonly JsonState state;

    public JsonConstraint(JsonMasks masks, StudentLanguage language)
    {
        (this.masks, this.language) = (masks, language);
        state = new JsonState(masks.Grammar);
    }

    /// <inheritdoc/>
    public bool IsComplete => state.IsComplete;

    /// <inheritdoc/>
    public void Mask(Span<float> logits_V)
    {
        // Ends stay as they are where the value may end: the student says where a number has all its digits.
        Span<(int Id, float Logit)> ends = stackalloc (int, float)[Math.Min(language.EndTokens.Count, 64)];
        var count = 0;
        if (state.MayEnd)
        {
            foreach (var id in language.EndTokens)
            {
                if (id < logits_V.Length && count < ends.Length)
                {
                    ends[count++] = (id, logits_V[id]);
                }
            }
        }

        MaskBytes(logits_V);
        foreach (var (id, logit) in ends[..count])
        {
            logits_V[id] = logit;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        foreach (var next in language.Tokenizer.BytesOf(token))
        {
            // False for what this sampler did not draw: a stop token of the caller's choice, after which nothing comes.
            if (!state.TryAdvance(next))
            {
                return;
            }
        }
    }

    private void MaskBytes(Span<float> logits_V)
    {
        var allowed = masks.Of(state);
        for (var word = 0; word * 64 < logits_V.Length; word++)
        {
            var forbidden = word < allowed.Length ? ~allowed[word] : ulong.MaxValue;
            while (forbidden != 0)
            {
                var id = (word * 64) + BitOperations.TrailingZeroCount(forbidden);
                forbidden &= forbidden - 1;
                if (id < logits_V.Length)
                {
                    logits_V[id] = float.NegativeInfinity;
                }
            }
        }
    }
}
