using System.Text.Json;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

/// <summary>Texts and the token ids that the model's own tokenizer gives for them.</summary>
internal static class TokenizerVectors
{
    /// <summary>The vectors of a vocabulary of ggml: no special tokens.</summary>
    public static IReadOnlyList<(string Text, int[] Ids)> OfGgml(string vocabulary)
    {
        var texts = File.ReadAllText(SharedData.Require($"tokenizers/ggml/ggml-vocab-{vocabulary}.gguf.inp"))
            .Split("\n__ggml_vocab_test__\n");
        var ids = File.ReadAllText(SharedData.Require($"tokenizers/ggml/ggml-vocab-{vocabulary}.gguf.out")).Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray());
        return [.. texts.Zip(ids)];
    }

    /// <summary>Prompts of LLaMA: the ids begin with the start token.</summary>
    public static IReadOnlyList<(string Text, int[] Ids)> OfPrompts()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(SharedData.Require("tokenizers/llama/prompt_tokens.json")));
        return [.. json.RootElement.EnumerateArray().Select(entry => (
            entry.GetProperty("prompt").GetString()!,
            entry.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()).ToArray()))];
    }
}
