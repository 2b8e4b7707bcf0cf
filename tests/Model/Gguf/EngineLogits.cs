using System.Numerics.Tensors;
using Orca.Model.Inference;

namespace Orca.Model.Tests.Gguf;

/// <summary>One sequence through an engine.</summary>
internal static class EngineLogits
{
    /// <summary>The logits after every token, as rows.</summary>
    public static float[] After(IInferenceModel model, int[] tokens)
    {
        using var store = StoreFor(model, tokens.Length, out var blocks);
        var logits = new float[tokens.Length * model.Config.VocabularySize];
        model.Run(store, [new InferenceRow(tokens, 0, blocks, LogitRows.All)], logits);
        return logits;
    }

    /// <summary>The tokens that follow a prompt, the likeliest each time.</summary>
    public static int[] Greedy(IInferenceModel model, int[] prompt, int steps)
    {
        using var store = StoreFor(model, prompt.Length + steps, out var blocks);
        var logits = new float[model.Config.VocabularySize];
        var chosen = new int[steps];
        for (var (step, next, start) = (0, prompt, 0); step < steps; step++)
        {
            model.Run(store, [new InferenceRow(next, start, blocks, LogitRows.Last)], logits);
            chosen[step] = TensorPrimitives.IndexOfMax<float>(logits);
            (start, next) = (start + next.Length, [chosen[step]]);
        }

        return chosen;
    }

    private static IKeyValueStore StoreFor(IInferenceModel model, int tokens, out int[] blocks)
    {
        var blockTokens = model.BlockTokens(tokens);
        blocks = [.. Enumerable.Range(0, (tokens + blockTokens - 1) / blockTokens)];
        return model.CreateStore(blocks.Length, blockTokens);
    }
}
