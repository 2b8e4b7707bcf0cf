using Orca.Model.Native;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Network;

/// <summary>A small random model with weights large enough for logits to differ clearly.</summary>
internal sealed class ToyModel : IDisposable
{
    private readonly Dictionary<string, Tensor> weights;

    public ToyModel(LlamaConfig config, long seed = 1, ScalarType dtype = ScalarType.Float32, ScalarType? compute = null)
    {
        using var scope = NewDisposeScope();
        weights = LlamaParameters.Initialize(config, seed, dtype, CPU);

        weights[LlamaParameters.EmbeddingName].Times_(10);
        if (!config.TiedEmbeddings)
        {
            weights[LlamaParameters.HeadName].Times_(10);
        }

        foreach (var weight in weights.Values.Where(weight => weight.dim() == 1))
        {
            weight.Plus_(linspace(-0.3, 0.3, weight.shape[0], dtype));
        }

        Network = new LlamaModel(config, LlamaParameters.From(config, name => weights[name]), compute);
    }

    public static LlamaConfig Config { get; } = new()
    {
        VocabularySize = 53,
        HiddenSize = 24,
        IntermediateSize = 40,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
        MaxPositions = 32,
    };

    public LlamaModel Network { get; }

    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>Logits after each token of one sequence, without a cache; float64, [T, V].</summary>
    public Tensor Logits(int[] tokens)
    {
        using var scope = NewDisposeScope();
        var tokens_BT = tensor(tokens.Select(token => (long)token).ToArray()).unsqueeze(0);
        var positions_BT = arange(tokens.Length, ScalarType.Int64).unsqueeze(0);
        using var attention = new PackedAttention(ones_like(tokens_BT));
        var logits = Network.Logits(Network.Hidden(tokens_BT, positions_BT, attention));
        return logits.squeeze(0).to_type(ScalarType.Float64).MoveToOuterDisposeScope();
    }

    public static int[] RandomTokens(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(Config.VocabularySize))];

    public static double LargestDifference(Tensor logits_TV, double[][] wanted)
    {
        using var scope = NewDisposeScope();
        var flat = tensor(wanted.SelectMany(row => row).ToArray()).view(logits_TV.shape);
        return (logits_TV - flat).abs().max().item<double>();
    }

    public void Dispose()
    {
        Network.Dispose();
        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }
    }
}
