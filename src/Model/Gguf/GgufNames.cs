using System.Collections.Immutable;
using System.Globalization;
using Orca.Model.Network;

namespace Orca.Model.Gguf;

/// <summary>GGUF's names of a model's weights, and Hugging Face's for the same.</summary>
internal static class GgufNames
{
    public const string Embedding = "token_embd.weight";

    public const string Output = "output.weight";

    /// <summary>What the rotary frequencies are divided by; only some models have it.</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    private const string FinalNorm = "output_norm.weight";
    private const string BlockPrefix = "blk.";

    // Weights; a bias is called as its weight, with another ending.
    private static readonly ImmutableArray<(string Gguf, string HuggingFace)> InBlock =
    [
        ("attn_norm", "input_layernorm"),
        ("attn_q", "self_attn.q_proj"),
        ("attn_k", "self_attn.k_proj"),
        ("attn_v", "self_attn.v_proj"),
        ("attn_q_norm", "self_attn.q_norm"),
        ("attn_k_norm", "self_attn.k_norm"),
        ("attn_output", "self_attn.o_proj"),
        ("ffn_norm", "post_attention_layernorm"),
        ("ffn_gate", "mlp.gate_proj"),
        ("ffn_up", "mlp.up_proj"),
        ("ffn_down", "mlp.down_proj"),
    ];

    /// <summary>GGUF's name for Hugging Face's.</summary>
    /// <exception cref="ArgumentException">It names no weight of a model of LLaMA's kind.</exception>
    public static string Of(string huggingFace)
    {
        switch (huggingFace)
        {
            case LlamaParameters.EmbeddingName:
                return Embedding;
            case LlamaParameters.HeadName:
                return Output;
            case LlamaParameters.FinalNormName:
                return FinalNorm;
        }

        var rest = huggingFace.StartsWith(LlamaParameters.LayerPrefix, StringComparison.Ordinal)
            ? huggingFace[LlamaParameters.LayerPrefix.Length..]
            : "";
        var (start, end) = (rest.IndexOf('.', StringComparison.Ordinal), rest.LastIndexOf('.'));
        var own = InBlock.FirstOrDefault(pair => start > 0 && end > start && pair.HuggingFace == rest[(start + 1)..end]).Gguf
            ?? throw new ArgumentException($"'{huggingFace}' is no weight of such a model.", nameof(huggingFace));
        return string.Create(CultureInfo.InvariantCulture, $"{BlockPrefix}{rest[..start]}.{own}{rest[end..]}");
    }

    /// <summary>Whether it is a weight or bias of queries or keys, whose rows some architectures hold in rotary neighbours.</summary>
    public static bool IsRotated(string gguf) => gguf.EndsWith(".bias", StringComparison.Ordinal) ? IsRotated(gguf[..^4] + "weight")
        : gguf.EndsWith("attn_q.weight", StringComparison.Ordinal) || gguf.EndsWith("attn_k.weight", StringComparison.Ordinal);
}
