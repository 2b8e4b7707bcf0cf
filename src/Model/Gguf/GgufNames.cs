using System.Collections.Immutable;
using System.Globalization;
using Orca.Model.Network;

namespace Orca.Model.Gguf;

/// <summary>GGUF's names of a LLaMA's weights, and Hugging Face's for the same.</summary>
internal static class GgufNames
{
    public const string Embedding = "token_embd.weight";

    public const string Output = "output.weight";

    /// <summary>What the rotary frequencies are divided by; only some models have it.</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    private const string FinalNorm = "output_norm.weight";
    private const string BlockPrefix = "blk.";

    private static readonly ImmutableArray<(string Gguf, string HuggingFace)> InBlock =
    [
        ("attn_norm.weight", "input_layernorm.weight"),
        ("attn_q.weight", "self_attn.q_proj.weight"),
        ("attn_k.weight", "self_attn.k_proj.weight"),
        ("attn_v.weight", "self_attn.v_proj.weight"),
        ("attn_output.weight", "self_attn.o_proj.weight"),
        ("ffn_norm.weight", "post_attention_layernorm.weight"),
        ("ffn_gate.weight", "mlp.gate_proj.weight"),
        ("ffn_up.weight", "mlp.up_proj.weight"),
        ("ffn_down.weight", "mlp.down_proj.weight"),
    ];

    /// <summary>GGUF's name for Hugging Face's.</summary>
    /// <exception cref="ArgumentException">It names no weight of a LLaMA.</exception>
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

        var rest = huggingFace.StartsWith(LlamaParameters.LayerPrefix, StringComparison.Ordinal) ? huggingFace[LlamaParameters.LayerPrefix.Length..] : "";
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var own = InBlock.FirstOrDefault(pair => dot > 0 && pair.HuggingFace == rest[(dot + 1)..]).Gguf
            ?? throw new ArgumentException($"'{huggingFace}' is no weight of a LLaMA.", nameof(huggingFace));
        return string.Create(CultureInfo.InvariantCulture, $"{BlockPrefix}{rest[..dot]}.{own}");
    }

    /// <summary>Whether the file holds this weight's rows in rotary neighbours.</summary>
    public static bool IsPaired(string gguf) =>
        gguf.EndsWith("attn_q.weight", StringComparison.Ordinal) || gguf.EndsWith("attn_k.weight", StringComparison.Ordinal);
}
