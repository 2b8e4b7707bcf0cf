using System.Collections.Immutable;
using System.Numerics.Tensors;
using Orca.Model.Inference;
using Orca.Model.Prompting;

namespace Orca.Serving.Checkpoints;

// T tokens of a prompt, V vocabulary.

/// <summary>Puts fixed prompts to a version before it may answer anybody.</summary>
internal static class StudentProbe
{
    /// <summary>Tokens of each prompt that count, if the model is not so large that it takes fewer.</summary>
    public const int TokensOfPrompt = 32;

    private const int FewestTokens = 8;

    // A second or two of two processors: nobody is answered before a server's first version has been probed.
    private const double MultiplyAdds = 2e11;

    /// <summary>Runs the prompts over a cache of their own.</summary>
    /// <param name="model">The version's weights; the calling thread must own them.</param>
    /// <param name="language">The version's language.</param>
    /// <param name="questions">What to ask, in the version's own prompt template.</param>
    public static ProbeReading Read(IInferenceModel model, StudentLanguage language, ImmutableArray<string> questions)
    {
        var most = Math.Min(TokensFor(model.Config.ParameterCount, questions.Length), model.Config.MaxPositions);
        var prompts = questions.Select(question => PromptOf(question, language, most)).Where(prompt => prompt.Length > 0).ToList();
        var vocabulary = model.Config.VocabularySize;
        var logprobs = new float[prompts.Sum(prompt => prompt.Length) * vocabulary];
        if (prompts.Count > 0)
        {
            Run(model, prompts, logprobs);
        }

        var nonFinite = 0;
        for (var row = 0; row < logprobs.Length; row += vocabulary)
        {
            nonFinite += Normalise(logprobs.AsSpan(row, vocabulary)) ? 0 : 1;
        }

        return new ProbeReading(language.Identity, vocabulary, logprobs, nonFinite, Perplexity(prompts, logprobs, vocabulary));
    }

    /// <summary>Tokens of each of some prompts that are put to a model of a size.</summary>
    public static int TokensFor(long parameters, int prompts) =>
        (int)Math.Clamp(MultiplyAdds / ((double)parameters * Math.Max(prompts, 1)), FewestTokens, TokensOfPrompt);

    private static void Run(IInferenceModel model, List<ImmutableArray<int>> prompts, float[] logits)
    {
        var longest = prompts.Max(prompt => prompt.Length);
        var blockTokens = model.BlockTokens(longest);
        var blocks = (longest + blockTokens - 1) / blockTokens;
        using var store = model.CreateStore(blocks * prompts.Count, blockTokens);
        var rows = prompts.Select((prompt, index) => new InferenceRow(
            prompt.AsMemory(), 0, Enumerable.Range(index * blocks, blocks).ToArray(), LogitRows.All));
        model.Run(store, rows.ToArray(), logits);
    }

    private static ImmutableArray<int> PromptOf(string question, StudentLanguage language, int most)
    {
        var prompt = QuestionIn(language, question);
        return prompt[..Math.Min(prompt.Length, most)];
    }

    // A template that has no form for a lone question is no fault of the weights that are probed.
    private static ImmutableArray<int> QuestionIn(StudentLanguage language, string question)
    {
        try
        {
            return language.Template.Prompt(language.Tokenizer, "", question);
        }
        catch (PromptException)
        {
            return [.. language.Tokenizer.StartIds, .. language.Tokenizer.Encode(question)];
        }
    }

    /// <summary>Turns logits into logarithms of probabilities, where they are finite.</summary>
    private static bool Normalise(Span<float> logits_V)
    {
        var max = TensorPrimitives.Max(logits_V);
        if (!float.IsFinite(max) || !float.IsFinite(TensorPrimitives.Min(logits_V)))
        {
            return false;
        }

        var sum = 0.0;
        foreach (var logit in logits_V)
        {
            sum += Math.Exp(logit - max);
        }

        TensorPrimitives.Subtract(logits_V, (float)(max + Math.Log(sum)), logits_V);
        return true;
    }

    /// <summary>How well each token of the prompts was expected after those before it: e to the mean surprise, 1 at best.</summary>
    private static double Perplexity(List<ImmutableArray<int>> prompts, float[] logprobs, int vocabulary)
    {
        var (surprise, count, row) = (0.0, 0, 0);
        foreach (var prompt in prompts)
        {
            for (var t = 0; t + 1 < prompt.Length; t++)
            {
                surprise -= logprobs[((row + t) * vocabulary) + prompt[t + 1]];
                count++;
            }

            row += prompt.Length;
        }

        return count == 0 ? 1 : Math.Exp(surprise / count);
    }
}

/// <summary>What a version made of the probe.</summary>
/// <param name="Language">Identity of the language it was put in.</param>
/// <param name="VocabularySize">V.</param>
/// <param name="Logprobs">[T, V]: logarithms of the probability of every next token, for every token of every prompt.</param>
/// <param name="NonFiniteRows">Tokens after which it gave logits that are not finite; their logarithms mean nothing.</param>
/// <param name="Perplexity">Its perplexity on the prompts.</param>
internal sealed record ProbeReading(string Language, int VocabularySize, float[] Logprobs, int NonFiniteRows, double Perplexity)
{
    /// <summary>
    /// Mean Kullback-Leibler divergence of another version's answers from this one's, KL(this ‖ other), in nats a token; null
    /// where they speak different languages, or there is nothing to compare.
    /// </summary>
    public double? DivergenceOf(ProbeReading other)
    {
        if (other.Language != Language || other.Logprobs.Length != Logprobs.Length || Logprobs.Length == 0)
        {
            return null;
        }

        var sum = 0.0;
        for (var i = 0; i < Logprobs.Length; i++)
        {
            sum += Math.Exp(Logprobs[i]) * (Logprobs[i] - other.Logprobs[i]);
        }

        // Rounding may leave a little less than nothing.
        return Math.Max(0, sum / (Logprobs.Length / VocabularySize));
    }
}
