using Orca.Serving.Checkpoints;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

public class StudentProbeTests
{
    private static readonly LoadingOptions Options = new();

    [Fact]
    public void The_same_weights_are_no_distance_apart_and_others_are()
    {
        var (one, again, other) = (Read(seed: 1), Read(seed: 1), Read(seed: 2));
        Assert.Equal(0, one.DivergenceOf(again)!.Value, 9);
        Assert.InRange(one.DivergenceOf(other)!.Value, 0.1, 1_000);
        Assert.NotEqual(one.DivergenceOf(other), other.DivergenceOf(one));
    }

    [Fact]
    public void Divergence_and_perplexity_are_those_of_the_definition()
    {
        var (one, other) = (Read(seed: 1), Read(seed: 2));
        var (sum, surprise, count, row) = (0.0, 0.0, 0, 0);
        foreach (var question in Options.ProbePrompts)
        {
            var language = ToyStudent.LanguageOf(Bytes.VocabularySize);
            var prompt = language.Template.Prompt(language.Tokenizer, "", question)[..StudentProbe.TokensOfPrompt];
            for (var t = 0; t < prompt.Length; t++, row++)
            {
                var logprobs = one.Logprobs.AsSpan(row * Bytes.VocabularySize, Bytes.VocabularySize);
                for (var token = 0; token < Bytes.VocabularySize; token++)
                {
                    sum += Math.Exp(logprobs[token]) * (logprobs[token] - other.Logprobs[(row * Bytes.VocabularySize) + token]);
                }

                if (t + 1 < prompt.Length)
                {
                    surprise -= logprobs[prompt[t + 1]];
                    count++;
                }
            }
        }

        Assert.Equal(sum / row, one.DivergenceOf(other)!.Value, 6);
        Assert.Equal(Math.Exp(surprise / count), one.Perplexity, 6);
        Assert.Equal(row * Bytes.VocabularySize, one.Logprobs.Length);
    }

    [Fact]
    public void Every_row_is_a_distribution()
    {
        var reading = Read(seed: 3);
        for (var row = 0; row < reading.Logprobs.Length; row += reading.VocabularySize)
        {
            Assert.Equal(1, reading.Logprobs.Skip(row).Take(reading.VocabularySize).Sum(logprob => Math.Exp(logprob)), 5);
        }
    }

    [Fact]
    public void Students_of_different_languages_are_not_compared()
    {
        using var speller = ToyStudent.Speller(1, "abc");
        var reading = StudentProbe.Read(speller.Model, ToyStudent.LanguageOf(264) with { Identity = "other" }, Options.ProbePrompts);
        Assert.Null(Read(seed: 1).DivergenceOf(reading));
        Assert.Null(StudentProbe.Read(speller.Model, speller.Language, []).DivergenceOf(StudentProbe.Read(
            speller.Model, speller.Language, [])));
    }

    [Fact]
    public void Logits_that_are_no_numbers_are_counted()
    {
        var weights = ToyStudent.RandomWeights(ToyStudent.Config, 1);
        weights["model.norm.weight"].fill_(1e30f);
        weights["lm_head.weight"].fill_(1e30f);
        using var broken = ToyStudent.Version(1, ToyStudent.Config, weights);
        var reading = StudentProbe.Read(broken.Model, broken.Language, Options.ProbePrompts);
        Assert.Equal(2 * StudentProbe.TokensOfPrompt, reading.NonFiniteRows);
    }

    [Theory]
    [InlineData(1_000_000, 2, 32)]
    [InlineData(3_000_000_000, 2, 32)]
    [InlineData(7_000_000_000, 2, 14)]
    [InlineData(13_000_000_000, 2, 8)]
    [InlineData(13_000_000_000, 1, 15)]
    [InlineData(70_000_000_000, 4, 8)]
    public void A_large_model_is_asked_less(long parameters, int prompts, int tokens) =>
        Assert.Equal(tokens, StudentProbe.TokensFor(parameters, prompts));

    private static ProbeReading Read(long seed)
    {
        using var version = ToyStudent.Random(1, seed);
        return StudentProbe.Read(version.Model, version.Language, Options.ProbePrompts);
    }
}
