using System.Numerics;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling.Json;

// V vocabulary

/// <summary>Holds one answer to a form of JSON.</summary>
internal sealed class JsonConstraint(JsonGrammar grammar, StudentLanguage language) : ITokenConstraint
{
    private readonly JsonState state = new(grammar);
    private JsonMasks? masks;
    private bool isAsked;

    // Written by the worker, read by the engine's thread; the state is the worker's from the asking until then.
    private volatile Outcome? outcome;

    /// <inheritdoc/>
    public bool IsComplete => state.IsComplete;

    /// <inheritdoc/>
    public bool Prepare(MaskWorker worker)
    {
        if (outcome is not null)
        {
            return true;
        }

        if (isAsked)
        {
            return false;
        }

        if (masks?.Find(state) is { } known)
        {
            outcome = new Outcome(known, null);
            return true;
        }

        isAsked = true;
        worker.Enqueue(() => outcome = WorkOut());
        return false;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits_V)
    {
        // Worked out here only where nobody has prepared it: by several samples that draw from one row, the first has.
        outcome ??= WorkOut();
        if (outcome.Mask is not { } allowed)
        {
            throw outcome.Refusal!;
        }

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

        Mask(logits_V, allowed);
        foreach (var (id, logit) in ends[..count])
        {
            logits_V[id] = logit;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        (outcome, isAsked) = (null, false);
        foreach (var next in language.Tokenizer.BytesOf(token))
        {
            // False for what this sampler did not draw: a stop token of the caller's choice, after which nothing comes.
            if (!state.TryAdvance(next))
            {
                return;
            }
        }
    }

    private static void Mask(Span<float> logits_V, ulong[] allowed)
    {
        for (var word = 0; word * 64 < logits_V.Length; word++)
        {
            var forbidden = word < allowed.Length ? ~allowed[word] : ulong.MaxValue;
            var own_V = logits_V[(word * 64)..Math.Min((word + 1) * 64, logits_V.Length)];
            if (forbidden == ulong.MaxValue)
            {
                own_V.Fill(float.NegativeInfinity);
                continue;
            }

            for (; forbidden != 0; forbidden &= forbidden - 1)
            {
                var at = BitOperations.TrailingZeroCount(forbidden);
                if (at < own_V.Length)
                {
                    own_V[at] = float.NegativeInfinity;
                }
            }
        }
    }

    private Outcome WorkOut()
    {
        try
        {
            masks ??= JsonForms.Of(language.Tokenizer).MasksOf(grammar);
            var mask = masks.Make(state);
            return state.MayEnd || mask.AsSpan().ContainsAnyExcept(0UL)
                ? new Outcome(mask, null)
                : throw GenerationException.Invalid("json_schema", "needs characters that this student's vocabulary cannot write");
        }
        catch (GenerationException refusal)
        {
            return new Outcome(null, refusal);
        }
        catch (Exception fault)
        {
            return new Outcome(
                null,
                new GenerationException(Failure.StepFailed, "The tokens that the answer's form allows could not be worked out.", fault));
        }
    }

    /// <summary>A mask, or why there is none.</summary>
    private sealed record Outcome(ulong[]? Mask, GenerationException? Refusal);
}
