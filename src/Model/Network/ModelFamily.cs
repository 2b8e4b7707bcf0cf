using System.Collections.Immutable;

namespace Orca.Model.Network;

/// <summary>
/// A family of models as Hugging Face names it: what its config.json may say, and what holds where that says nothing. The network
/// itself is the same for all; what tells one from another there are facts of <see cref="LlamaConfig"/>.
/// </summary>
/// <remarks>
/// Defaults and switches are those of transformers' configuration classes and modelling code, versions 4 and 5:
/// https://github.com/huggingface/transformers, src/transformers/models.
/// </remarks>
public sealed record ModelFamily
{
    private ModelFamily(string name, string architecture) => (Name, Architecture) = (name, architecture);

    /// <summary>LLaMA 1 to 3, and the many models of their shape.</summary>
    public static ModelFamily Llama { get; } = new("llama", "LlamaForCausalLM") { Positions = 2_048, HasAttentionBiasSwitch = true, HasFeedForwardBiasSwitch = true };

    /// <summary>Mistral: a LLaMA whose tokens may see a window of the last ones alone.</summary>
    public static ModelFamily Mistral { get; } = new("mistral", "MistralForCausalLM") { Positions = 131_072, KvHeads = 8, Window = 4_096, HasWindow = true };

    /// <summary>Qwen 1.5, 2 and 2.5: queries, keys and values have a bias.</summary>
    public static ModelFamily Qwen2 { get; } = new("qwen2", "Qwen2ForCausalLM") { Positions = 32_768, KvHeads = 32, Window = 4_096, HasWindowSwitch = true, HasQueryKeyValueBias = true };

    /// <summary>Qwen 3: each head's query and key are normed before they are rotated.</summary>
    public static ModelFamily Qwen3 { get; } = new("qwen3", "Qwen3ForCausalLM")
    {
        Positions = 32_768,
        KvHeads = 32,
        HeadDim = 128,
        Window = 4_096,
        HasWindowSwitch = true,
        HasAttentionBiasSwitch = true,
        HasQueryKeyNorms = true,
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<ModelFamily> All { get; } = [Llama, Mistral, Qwen2, Qwen3];

    /// <summary>The names of all, for a message.</summary>
    public static string Names { get; } = string.Join(", ", All[..^1].Select(family => family.Name)) + " or " + All[^1].Name;

    /// <summary>config.json's <c>model_type</c>.</summary>
    public string Name { get; }

    /// <summary>config.json's entry of <c>architectures</c>.</summary>
    public string Architecture { get; }

    /// <summary>max_position_embeddings where the file does not say it.</summary>
    internal int Positions { get; private init; }

    /// <summary>num_key_value_heads where the file does not say it; 0: as many as there are query heads.</summary>
    internal int KvHeads { get; private init; }

    /// <summary>head_dim where the file does not say it; 0: the hidden size over the number of heads.</summary>
    internal int HeadDim { get; private init; }

    /// <summary>sliding_window where the file does not say it.</summary>
    internal int Window { get; private init; }

    /// <summary>Whether sliding_window alone, unless it is null, lets every layer see a window.</summary>
    internal bool HasWindow { get; private init; }

    /// <summary>Whether use_sliding_window, max_window_layers and layer_types say which layers see a window.</summary>
    internal bool HasWindowSwitch { get; private init; }

    /// <summary>Whether attention_bias gives queries, keys, values and the attention's output a bias.</summary>
    internal bool HasAttentionBiasSwitch { get; private init; }

    /// <summary>Whether mlp_bias gives the feed-forward layer biases.</summary>
    internal bool HasFeedForwardBiasSwitch { get; private init; }

    /// <summary>Whether queries, keys and values have a bias whatever the file says.</summary>
    internal bool HasQueryKeyValueBias { get; private init; }

    /// <summary>Whether queries and keys are normed by head.</summary>
    internal bool HasQueryKeyNorms { get; private init; }

    /// <summary>The family of a name; null where there is none.</summary>
    public static ModelFamily? Find(string name) => All.FirstOrDefault(family => family.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
