using System.Collections.Immutable;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>
/// Draws the tokens of one sample of one request: penalties and bias, what may not come yet, then temperature, top-k, top-p
/// and min-p. What it draws depends on the logits, the request, the seed, the sample and the tokens before alone. Used on the
/// engine's thread.
/// </summary>
internal sealed class TokenSampler
{
    private readonly SamplingOptions sampling;
    private readonly OutputOptions output;
    private readonly ulong seed;
    private readonly int sample;
    private readonly int minTokens;
    private readonly int vocabularySize;
    private readonly LogitPenalties? penalties;
    private readonly ImmutableArray<(int Token, float Bias)> bias;
    private readonly int[] ends;
    private readonly ITokenConstraint? constraint;

    /// <param name="request">Checked by <see cref="RequestRules"/>.</param>
    /// <param name="seed">Seed of the request.</param>
    /// <param name="sample">Which of its samples, from 0.</param>
    /// <param name="language">The language it answers in.</param>
    /// <param name="edits">What the request changes logits by.</param>
    /// <param name="answerTokens">Tokens of the answer at most.</param>
    public TokenSampler(
        GenerationRequest request, ulong seed, int sample, StudentLanguage language, LogitEdits edits, int answerTokens)
    {
        (sampling, output, this.seed, this.sample) = (request.Sampling, request.Output, seed, sample);
        constraint = JsonForms.Start(request.Format, language);
        vocabularySize = language.DrawableTokens;
        minTokens = request.Stopping.MinTokens;
        penalties = LogitPenalties.AreAsked(sampling) ? new LogitPenalties(sampling, edits.PromptCounts, answerTokens) : null;
        bias = edits.Bias;
        ends = [.. request.Stopping.StopTokenIds.Concat(request.Stopping.IgnoreEos ? [] : language.EndTokens).Where(id => id < vocabularySize)];
    }

    /// <summary>Whether the answer has the form asked for, and nothing may follow.</summary>
    public bool IsComplete => constraint is { IsComplete: true };

    /// <summary>Whether the next token can be drawn at once: see <see cref="ITokenConstraint.Prepare"/>.</summary>
    public bool Prepare(MaskWorker worker) => constraint?.Prepare(worker) ?? true;

    /// <summary>The next token; null where a logit, as the student gave it, is not a number or infinite.</summary>
    /// <param name="logits_V">
    /// One for each row of the student's embedding; rows beyond the tokenizer's tokens are not looked at. Spoilt.
    /// </param>
    /// <param name="position">The token's place in the answer, from 0.</param>
    /// <exception cref="GenerationException">What the request allows to come next leaves no token.</exception>
    public DrawnToken? Draw(Span<float> logits_V, int position)
    {
        var row_V = logits_V[..Math.Min(vocabularySize, logits_V.Length)];
        var max = RowMath.Max(row_V);
        if (!float.IsFinite(max))
        {
            return null;
        }

        var scratch = SamplingScratch.OfThisThread;
        if (!output.Logprobs)
        {
            return new DrawnToken(Choose(row_V, max, position, scratch), null);
        }

        scratch.Keep(row_V);
        var drawn = Choose(row_V, max, position, scratch);
        return new DrawnToken(drawn, scratch.Logprobs.Of(scratch.Kept, drawn, output.TopLogprobs));
    }

    /// <summary>Takes the token that comes next: the one drawn, or one that others gave.</summary>
    public void Accept(int token)
    {
        penalties?.Accept(token);
        constraint?.Accept(token);
    }

    private int Choose(Span<float> row_V, float max, int position, SamplingScratch scratch)
    {
        if (Change(row_V, position))
        {
            max = RowMath.Max(row_V);
            if (!float.IsFinite(max))
            {
                throw NothingLeft();
            }
        }

        return sampling.Temperature == 0
            ? RowMath.IndexOf(row_V, max)
            : scratch.Drawing.Draw(row_V, max, sampling, PositionRandom.Uniform(seed, sample, position));
    }

    private GenerationException NothingLeft() => constraint is null
        ? GenerationException.Invalid(
            "stopping.min_tokens",
            $"is {minTokens}, but every token that this student can draw ends the answer; ask for fewer, or name fewer stop tokens")
        : GenerationException.Invalid("format", "allows only tokens next that this student finds impossible; ask for another form");

    /// <summary>Applies penalties, bias and masks; false where there are none.</summary>
    private bool Change(Span<float> row_V, int position)
    {
        penalties?.Apply(row_V);
        foreach (var (token, added) in bias)
        {
            if (token < row_V.Length)
            {
                row_V[token] = RowMath.Bounded(row_V[token] + added);
            }
        }

        // A form outweighs the least number of tokens: where it is complete nothing but an end could follow.
        var isEarly = position < minTokens && constraint is null;
        if (isEarly)
        {
            foreach (var end in ends)
            {
                row_V[end] = float.NegativeInfinity;
            }
        }

        constraint?.Mask(row_V);
        return penalties is not null || bias.Length > 0 || isEarly || constraint is not null;
    }
}
