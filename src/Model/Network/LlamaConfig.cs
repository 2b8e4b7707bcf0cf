using System.Collections.Immutable;
using TorchSharp;

namespace Orca.Model.Network;

/// <summary>
/// The shape of a model of LLaMA's kind, and what tells its network from LLaMA's own: everything that decides which weights there
/// must be and what is computed with them.
/// </summary>
public sealed record LlamaConfig
{
    /// <summary>The family it is written back as. What is computed is decided by the facts below alone.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Llama;

    /// <summary>V: rows of the embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>E: width of the hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>F: width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>H: query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>K: key and value heads; H is a multiple of it.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D: width of a head, even; by default E/H.</summary>
    public int HeadDim
    {
        get => field > 0 ? field : HiddenSize / Math.Max(1, Heads);
        init;
    }

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool HasQueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output has a bias.</summary>
    public bool HasAttentionOutputBias { get; init; }

    /// <summary>Whether gate, up and down of the feed-forward layer have a bias.</summary>
    public bool HasFeedForwardBias { get; init; }

    /// <summary>Whether each head's query and key are normed, over D with one weight a layer, before they are rotated.</summary>
    public bool HasQueryKeyNorms { get; init; }

    /// <summary>How many of the last tokens, itself included, a token sees in the <see cref="WindowedLayers"/>; null: all.</summary>
    public int? Window { get; init; }

    /// <summary>Which layers have the <see cref="Window"/>, by index; empty: all.</summary>
    public ImmutableArray<bool> WindowedLayers
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Added to the mean square before its root.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-5;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>How the rotary frequencies are stretched; null: not at all.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Longest sequence, in tokens, as far as scaled rotary positions reach.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>The output projection is the embedding itself.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Token that starts a sequence, where the model has one.</summary>
    public int? BosId { get; init; }

    /// <summary>Tokens that end an answer; may be empty.</summary>
    public ImmutableArray<int> EosIds
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>dtype that config.json claims for the weights; null where it says nothing. The files decide.</summary>
    public torch.ScalarType? WeightType { get; init; }

    /// <summary>Number of trained values, tied ones counted once.</summary>
    public long ParameterCount => LlamaParameters.ShapesOf(this).Sum(shape => shape.Count);

    /// <summary>How many of the last tokens, itself included, a token sees in a layer; null: all of its sequence.</summary>
    public int? WindowOf(int layer) => Window < MaxPositions && (WindowedLayers.IsEmpty || WindowedLayers[layer]) ? Window : null;

    /// <summary>The least that any layer lets a token see; null: all of them see everything.</summary>
    public int? ShortestWindow => Window < MaxPositions && (WindowedLayers.IsEmpty || WindowedLayers.Contains(true)) ? Window : null;

    /// <summary>Reads and checks a config.json.</summary>
    /// <exception cref="ModelFormatException">The file is missing, is no JSON, or describes no model that can be built.</exception>
    public static LlamaConfig Read(string configJsonPath) => LlamaConfigJson.Read(configJsonPath);

    /// <summary>The text of a config.json that Hugging Face's libraries read.</summary>
    public string ToJson() => LlamaConfigJson.Write(this);

    /// <summary>Checks that the numbers describe a model that can be built.</summary>
    /// <param name="source">What the message calls this configuration, such as the file it came from.</param>
    /// <exception cref="ModelFormatException">They do not; the message names the first fault.</exception>
    public void Validate(string source)
    {
        // Upper bounds far above any model keep products of damaged numbers countable.
        Between("vocab_size", VocabularySize, 1 << 24);
        Between("hidden_size", HiddenSize, 1 << 20);
        Between("intermediate_size", IntermediateSize, 1 << 22);
        Between("num_hidden_layers", Layers, 1 << 12);
        Between("num_attention_heads", Heads, 1 << 16);
        Between("max_position_embeddings", MaxPositions, int.MaxValue);
        Require(KvHeads > 0 && Heads % KvHeads == 0, "num_key_value_heads", KvHeads, $"a divisor of num_attention_heads, {Heads}");
        Require(HiddenSize % Heads == 0 || HeadDim != HiddenSize / Heads,
            "hidden_size", HiddenSize, $"a multiple of num_attention_heads, {Heads}, where head_dim is not given");
        Require(
            HeadDim is > 0 and <= 1 << 16 && HeadDim % 2 == 0, "head_dim", HeadDim, $"even, for rotary positions, and from 2 to {1 << 16}");
        Require(double.IsFinite(RmsNormEpsilon) && RmsNormEpsilon > 0, "rms_norm_eps", RmsNormEpsilon, "positive");
        Require(double.IsFinite(RopeTheta) && RopeTheta > 0, "rope_theta", RopeTheta, "positive");
        Require(RopeScaling is not Network.RopeScaling.Yarn || RopeTheta > 1, "rope_theta", RopeTheta, "above 1, for yarn");
        Require(HasQueryKeyNorms == Family.HasQueryKeyNorms, "q_norm", HasQueryKeyNorms, $"what every {Family.Name} has");
        Require(
            Family.HasAttentionBiasSwitch
                ? HasQueryKeyValueBias == HasAttentionOutputBias
                : HasQueryKeyValueBias == Family.HasQueryKeyValueBias && !HasAttentionOutputBias,
            "attention_bias", HasQueryKeyValueBias, $"what a {Family.Name} can have");
        Require(!HasFeedForwardBias || Family.HasFeedForwardBiasSwitch, "mlp_bias", HasFeedForwardBias, $"false in a {Family.Name}");
        Require(Window is null or > 0, "sliding_window", Window, "positive");
        Require(
            WindowedLayers.IsEmpty || WindowedLayers.Length == Layers, "layer_types", $"a list of {WindowedLayers.Length}",
            $"one of num_hidden_layers, {Layers}");
        Require(BosId is null || (BosId >= 0 && BosId < VocabularySize), "bos_token_id", BosId, $"below vocab_size, {VocabularySize}");
        foreach (var eos in EosIds)
        {
            Require(eos >= 0 && eos < VocabularySize, "eos_token_id", eos, $"below vocab_size, {VocabularySize}");
        }

        void Between(string key, int found, int most) => Require(found >= 1 && found <= most, key, found, $"from 1 to {most}");

        void Require(bool holds, string key, object? found, string wanted)
        {
            if (!holds)
            {
                throw new ModelFormatException(FormattableString.Invariant($"{source}: {key} is {found}; it must be {wanted}."));
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(LlamaConfig? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(VocabularySize, HiddenSize, IntermediateSize, Layers, Heads, KvHeads, MaxPositions);
}
