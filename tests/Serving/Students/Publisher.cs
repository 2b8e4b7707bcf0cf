using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Serving.Tests.Students;

/// <summary>A folder of checkpoints, filled as the trainer fills it.</summary>
internal sealed class Publisher : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder elsewhere = new();

    public string Root => folder.Path;

    /// <summary>Publishes a student that spells a text.</summary>
    public string PublishSpeller(long step, string text, bool endless = false, int context = 256)
    {
        var (config, weights) = ToyStudent.Spelling(text, endless, context);
        return Publish(step, config, weights);
    }

    /// <summary>Publishes a student that spells a text where nobody looks for it; gives its folder.</summary>
    public string PublishSpellerElsewhere(long step, string text)
    {
        var (config, weights) = ToyStudent.Spelling(text);
        return Publish(step, config, weights, elsewhere.Path);
    }

    /// <summary>Publishes a student of the toy shape.</summary>
    public string PublishRandom(long step, long seed) => Publish(step, ToyStudent.Config, ToyStudent.RandomWeights(ToyStudent.Config, seed));

    /// <summary>Publishes weights, and frees them.</summary>
    public string Publish(long step, LlamaConfig config, Dictionary<string, Tensor> weights, string? root = null)
    {
        var tokenizer = Bytes.Open();
        var path = CheckpointPublisher.Publish(root ?? Root, new CheckpointDraft
        {
            Step = step,
            Config = config,
            Tokenizer = tokenizer,
            Template = PromptTemplate.For(tokenizer),
            Weights = weights,
            WeightType = ScalarType.Float32,
            Created = DateTimeOffset.UnixEpoch,
        });
        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }

        return path;
    }

    public void Dispose()
    {
        folder.Dispose();
        elsewhere.Dispose();
    }
}
