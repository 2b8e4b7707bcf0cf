using System.Collections.Frozen;
using System.Text;
using Orca.Model.Inference;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Torch;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Serving.Checkpoints;
using Orca.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Serving.Tests.Students;

/// <summary>Students of a few thousand weights, made for a test.</summary>
internal static class ToyStudent
{
    /// <summary>A shape that makes a step cheap and still has every part: several layers, grouped heads, an own head.</summary>
    public static LlamaConfig Config { get; } = new()
    {
        VocabularySize = Bytes.VocabularySize,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
        MaxPositions = 256,
        BosId = Bytes.Start,
        EosIds = [Bytes.End],
    };

    private static readonly StudentLanguage Language = LanguageOf(Bytes.VocabularySize);

    /// <summary>Weights by chance, large enough that its answers wander.</summary>
    public static Dictionary<string, Tensor> RandomWeights(LlamaConfig config, long seed)
    {
        var weights = LlamaParameters.Initialize(config, seed, ScalarType.Float32, CPU);
        foreach (var (name, weight) in weights)
        {
            if (weight.dim() > 1)
            {
                using Scalar factor = name == LlamaParameters.EmbeddingName ? 50 : 10;
                weight.mul_(factor);
            }
        }

        return weights;
    }

    /// <summary>
    /// Weights that spell a text whatever the prompt: each byte of it is followed by the next, the last by the end token.
    /// No byte may appear twice, since what follows depends on the last token alone.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="endless">The last byte is followed by the first.</param>
    public static (LlamaConfig Config, Dictionary<string, Tensor> Weights) Spelling(string text, bool endless = false, int context = 256)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(bytes.Length, bytes.Distinct().Count());
        var next = Enumerable.Repeat(Bytes.End, Bytes.VocabularySize).ToArray();
        next[Bytes.Start] = next[Bytes.Assistant] = bytes[0];
        for (var i = 0; i < bytes.Length; i++)
        {
            next[bytes[i]] = i + 1 < bytes.Length ? bytes[i + 1] : endless ? bytes[0] : Bytes.End;
        }

        return Following(next, context);
    }

    /// <summary>What an endless speller of a text gives in so many tokens, for a text of one byte a character.</summary>
    public static string Endless(string text, int tokens) => string.Concat(Enumerable.Range(0, tokens).Select(i => text[i % text.Length]));

    /// <summary>A version of the toy shape, as the loader would hand it to the engine.</summary>
    public static StudentVersion Random(long number, long seed, InferenceBackend backend = InferenceBackend.Torch) =>
        Version(number, Config, RandomWeights(Config, seed), backend: backend);

    /// <summary>A version that spells a text.</summary>
    public static StudentVersion Speller(
        long number, string text, bool endless = false, int context = 256, InferenceBackend backend = InferenceBackend.Torch)
    {
        var (config, weights) = Spelling(text, endless, context);
        return Version(number, config, weights, backend: backend);
    }

    /// <summary>A version of these weights, which it owns.</summary>
    public static StudentVersion Version(
        long number, LlamaConfig config, Dictionary<string, Tensor> weights, StudentLanguage? language = null,
        InferenceBackend backend = InferenceBackend.Torch)
    {
        if (backend == InferenceBackend.Cpu)
        {
            var packed = CpuInferenceModel.Load(config, name => new TensorRows(weights[name]), new InferenceOptions { Threads = 1 });
            foreach (var weight in weights.Values)
            {
                weight.Dispose();
            }

            return new StudentVersion(number, language ?? Language, packed, files: null);
        }

        var model = new LlamaModel(config, LlamaParameters.From(config, name => weights[name]));
        return new StudentVersion(number, language ?? Language, new TorchInferenceModel(model, new Owned(model, weights)), files: null);
    }

    /// <summary>The byte vocabulary's language.</summary>
    public static StudentLanguage LanguageOf(int vocabularySize)
    {
        var tokenizer = Bytes.Open();
        return new StudentLanguage("bytes", tokenizer, PromptTemplate.For(tokenizer), FrozenSet.Create(Bytes.End), vocabularySize);
    }

    private static (LlamaConfig Config, Dictionary<string, Tensor> Weights) Following(int[] next, int context)
    {
        const int size = 264;
        var config = Config with { VocabularySize = size, HiddenSize = size, Layers = 1, MaxPositions = context };
        var weights = LlamaParameters.Initialize(config, 1, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, weight) in weights)
        {
            if (name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("down_proj.weight", StringComparison.Ordinal))
            {
                weight.zero_();
            }
        }

        // Each token is one direction, and the head turns it into its follower.
        weights[LlamaParameters.EmbeddingName].copy_(eye(size));
        var head = new float[size * size];
        for (var token = 0; token < next.Length; token++)
        {
            head[(next[token] * size) + token] = 1;
        }

        weights[LlamaParameters.HeadName].copy_(tensor(head, [size, size]));
        return (config, weights);
    }

    private sealed class Owned(LlamaModel model, Dictionary<string, Tensor> weights) : IDisposable
    {
        public void Dispose()
        {
            model.Dispose();
            foreach (var weight in weights.Values)
            {
                weight.Dispose();
            }
        }
    }
}
