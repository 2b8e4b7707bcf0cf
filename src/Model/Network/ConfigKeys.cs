using System.Collections.Frozen;

namespace Orca.Model.Network;

/// <summary>
/// Keys of config.json that no family's network needs: those that change nothing, and those that change nothing at one value.
/// </summary>
internal static class ConfigKeys
{
    /// <summary>
    /// Keys that change nothing in what is computed: names, dropout and first weights, ways to compute the same, what transformers
    /// writes for every model, and how others' tools made or call it.
    /// </summary>
    public static FrozenSet<string> Harmless { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        "_name_or_path", "_commit_hash", "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal",
        "_flash_attn_2_enabled", "_num_labels", "_experts_implementation", "output_router_logits",
        "attention_dropout", "hidden_dropout", "attn_pdrop", "resid_pdrop",
        "embd_pdrop", "dropout", "initializer_range", "use_cache", "pretraining_tp", "transformers_version", "transformers.js_config",
        "transformers_weights", "pad_token_id", "unk_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "decoder_start_token_id",
        "vision_token_id", "tokenizer_class", "task_specific_params", "problem_type", "id2label",
        "label2id", "num_labels", "finetuning_task",
        "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature",
        "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size",
        "bad_words_ids", "num_return_sequences", "output_scores", "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id",
        "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "output_attentions",
        "output_hidden_states", "return_dict", "torchscript", "use_bfloat16", "tf_legacy_loss", "chunk_size_feed_forward", "prefix",
        "is_decoder", "use_flash_attention", "use_flash_attention_2", "use_flash_attn", "flash_attention", "gradient_checkpointing",
        "neftune_noise_alpha", "unsloth_fixed", "unsloth_version", "unsloth_tied_embeddings",
        "model_max_length", "max_sequence_length", "is_llama_config",
        "onnx_export", "license", "model_name", "tie_weights_keys", "keys_to_ignore_at_inference");

    /// <summary>Keys that change the network, or how its weights are to be read, unless they have this value (as JSON).</summary>
    public static IReadOnlyList<(string Key, string Value)> Neutral { get; } =
    [
        ("compression_config", "null"),
        ("bias", "false"),
        ("qkv_bias", "false"),
        ("use_bias", "false"),
        ("use_qk_norm", "false"),
        ("qk_layernorm", "false"),
        ("use_mrope", "false"),
        ("rope_interleaved", "false"),
        ("use_alibi", "false"),
        ("alibi", "false"),
        ("is_encoder_decoder", "false"),
        ("add_cross_attention", "false"),
        ("cross_attention_hidden_size", "null"),
        ("tie_encoder_decoder", "false"),
        ("pruned_heads", "{}"),
        ("logit_scale", "1.0"),
        ("clip_qkv", "null"),
        ("final_logit_softcapping", "null"),
        ("attn_logit_softcapping", "null"),
    ];
}
