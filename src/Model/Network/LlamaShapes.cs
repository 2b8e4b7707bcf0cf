namespace Orca.Model.Network;

/// <summary>Shapes of well-known models of the LLaMA family, to measure on.</summary>
public static class LlamaShapes
{
    /// <summary>
    /// By name: <c>15m</c> and <c>110m</c> (llama2.c's stories: https://github.com/karpathy/llama2.c), <c>1b</c> (TinyLlama,
    /// arXiv 2401.02385) and <c>13b</c> (LLaMA, arXiv 2302.13971).
    /// </summary>
    public static IReadOnlyDictionary<string, LlamaConfig> ByName { get; } = new Dictionary<string, LlamaConfig>
    {
        ["15m"] = Of(288, 768, 6, 6, 6, 512),
        ["110m"] = Of(768, 2_048, 12, 12, 12, 2_048),
        ["1b"] = Of(2_048, 5_632, 22, 32, 4, 2_048),
        ["13b"] = Of(5_120, 13_824, 40, 40, 40, 4_096),
    };

    private static LlamaConfig Of(int hidden, int inner, int layers, int heads, int kvHeads, int positions) => new()
    {
        VocabularySize = 32_000,
        HiddenSize = hidden,
        IntermediateSize = inner,
        Layers = layers,
        Heads = heads,
        KvHeads = kvHeads,
        MaxPositions = positions,
    };
}
