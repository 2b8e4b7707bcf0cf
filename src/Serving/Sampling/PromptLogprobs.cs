using System.Collections.Immutable;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling;

// R rows of logits, V vocabulary

/// <summary>Gathers how likely the tokens of one prompt are, while it is prefilled. Used on the engine's thread.</summary>
/// <param name="first">Position of the first token that is told of; 1 or more, since nothing comes before the first.</param>
/// <param name="prompt">The prompt's tokens.</param>
/// <param name="drawableTokens">Tokens that may be drawn.</param>
/// <param name="top">How many of the likeliest are told beside each; 0 to 20.</param>
internal sealed class PromptLogprobs(int first, ImmutableArray<int> prompt, int drawableTokens, int top)
{
    /// <summary>Tokens of one step whose logits are asked for at most: each takes the room of a whole vocabulary.</summary>
    public const int MaxTokensPerStep = 64;

    private readonly ImmutableArray<TokenLogprob>.Builder told = ImmutableArray.CreateBuilder<TokenLogprob>(Math.Max(0, prompt.Length - first));

    /// <summary>One for each token from the first on.</summary>
    public ImmutableArray<TokenLogprob> Told => told.ToImmutable();

    /// <summary>Whether nothing more is needed.</summary>
    public bool IsDone => Next >= prompt.Length;

    /// <summary>Whether logits were not finite.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Position of the first token whose logits are still needed.</summary>
    public int NeededFrom => Next - 1;

    /// <summary>Position of the token whose logprob comes next. What was told before a preemption stays told.</summary>
    private int Next => first + told.Count;

    /// <summary>Whether the logits of these positions are needed.</summary>
    public bool Wants(int start, int count) => !IsDone && start + count >= Next;

    /// <summary>Takes the logits of consecutive positions, each of which tells of the token after it.</summary>
    public void Take(int start, int count, ReadOnlySpan<float> logits_RV)
    {
        var vocabulary = logits_RV.Length / count;
        while (!IsDone && start + count >= Next)
        {
            var row_V = logits_RV.Slice((Next - 1 - start) * vocabulary, vocabulary)[..Math.Min(vocabulary, drawableTokens)];
            IsBroken |= !float.IsFinite(RowMath.Max(row_V));
            told.Add(IsBroken ? default : SamplingScratch.OfThisThread.Logprobs.Of(row_V, prompt[Next], top));
        }
    }
}
