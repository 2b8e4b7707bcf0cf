using System.Collections.Immutable;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>
/// Reads log probabilities off logits as the student gives them: before penalties, temperature, cuts and constraints, over
/// all tokens of the vocabulary.
/// </summary>
internal sealed class LogprobReader(Ranking ranking)
{
    /// <summary>How likely a token is.</summary>
    /// <param name="logits_V">Finite, or minus infinity; one for each token of the vocabulary.</param>
    /// <param name="token">The token; one that is not of the vocabulary has no probability.</param>
    /// <param name="top">How many of the likeliest are told beside it.</param>
    public TokenLogprob Of(ReadOnlySpan<float> logits_V, int token, int top)
    {
        var sum = RowMath.LogSum(logits_V, RowMath.Max(logits_V));
        var logit = token < logits_V.Length ? logits_V[token] : float.NegativeInfinity;
        return new TokenLogprob(token, (float)(logit - sum), top == 0 ? [] : Top(logits_V, sum, top));
    }

    private ImmutableArray<(int Token, float Logprob)> Top(ReadOnlySpan<float> logits_V, double sum, int top)
    {
        var likeliest = ranking.Greatest(logits_V, Math.Min(top, logits_V.Length));
        Ranking.Descending(likeliest);
        var told = ImmutableArray.CreateBuilder<(int, float)>(likeliest.Length);
        foreach (var key in likeliest)
        {
            told.Add((Ranking.IdOf(key), (float)(logits_V[Ranking.IdOf(key)] - sum)));
        }

        return told.MoveToImmutable();
    }
}
