using Orca.Model.Network;

namespace Orca.Tests.Shared;

/// <summary>What tells the networks of the families apart, put on a small model of a test's own.</summary>
internal static class FamilyShapes
{
    /// <summary>Names of all, for theories.</summary>
    public static TheoryData<string> Names => [.. Of(Any).Keys];

    // Its numbers do not matter: only the names are looked at.
    private static LlamaConfig Any { get; } = new()
    {
        VocabularySize = 8,
        HiddenSize = 8,
        IntermediateSize = 8,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
    };

    /// <summary>
    /// A model of every family and of every kind of bias, window and rotary scaling, with the sizes of <paramref name="small"/>.
    /// </summary>
    /// <param name="small">Two layers, and four query heads over two key heads.</param>
    public static IReadOnlyDictionary<string, LlamaConfig> Of(LlamaConfig small)
    {
        var qwen2 = small with
        {
            Family = ModelFamily.Qwen2,
            HasQueryKeyValueBias = true,
            RmsNormEpsilon = 1e-6,
            RopeTheta = 1_000_000,
            MaxPositions = 96,
        };
        var qwen3 = qwen2 with
        {
            Family = ModelFamily.Qwen3,
            HasQueryKeyValueBias = false,
            HasQueryKeyNorms = true,
            HeadDim = 16,
            TiedEmbeddings = true,
        };
        var mistral = small with { Family = ModelFamily.Mistral, Window = 9, HeadDim = 8, MaxPositions = 96 };
        var biased = small with
        {
            HasQueryKeyValueBias = true,
            HasAttentionOutputBias = true,
            HasFeedForwardBias = true,
            MaxPositions = 96,
        };
        return new Dictionary<string, LlamaConfig>
        {
            ["LLaMA 2"] = small with { KvHeads = small.Heads, MaxPositions = 96 },
            ["LLaMA 3"] = small with { RopeTheta = 50, RopeScaling = new RopeScaling.Llama3(8, 1, 4, 32), MaxPositions = 96 },
            ["LLaMA with all biases"] = biased,
            ["LLaMA with all biases and yarn"] = biased with { RopeTheta = 50, RopeScaling = new RopeScaling.Yarn(4, 24) },
            ["LLaMA with linear scaling"] = biased with { RopeScaling = new RopeScaling.Linear(4) },
            ["LLaMA with dynamic scaling"] = small with { RopeScaling = new RopeScaling.Dynamic(12, 8), MaxPositions = 96 },
            ["Qwen2"] = qwen2,
            ["Qwen2 with a window in its second layer"] = qwen2 with { Window = 5, WindowedLayers = [false, true] },
            ["Qwen2 with yarn of another magnitude, not rounded"] = qwen2 with
            {
                RopeTheta = 100,
                RopeScaling = new RopeScaling.Yarn(3, 32) { GivenAttentionFactor = 0.8, BetaFast = 4, BetaSlow = 0.7, Truncates = false },
            },
            ["Qwen3"] = qwen3,
            ["Qwen3 with biases"] = qwen3 with { HasQueryKeyValueBias = true, HasAttentionOutputBias = true },
            ["Mistral with a short window"] = mistral,
            ["Mistral with a window beyond a block"] = mistral with { Window = 40 },
            ["Mistral without a window"] = mistral with { Window = null },
        };
    }
}
