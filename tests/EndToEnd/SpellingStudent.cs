using System.Text;
using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Serving.Tests.Students;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// A student of one token a byte that spells a text whatever it is asked: each byte is followed by the next, the last by
/// the end token. No byte may appear twice, since what follows depends on the last token alone.
/// </summary>
internal static class SpellingStudent
{
    private const int Size = 264;

    /// <summary>Publishes it as a checkpoint of so many tokens of context; gives its folder.</summary>
    public static string Publish(string root, string text, int context = 256)
    {
        var config = new LlamaConfig
        {
            VocabularySize = Size,
            HiddenSize = Size,
            IntermediateSize = 48,
            Layers = 1,
            Heads = 4,
            KvHeads = 2,
            MaxPositions = context,
            BosId = Bytes.Start,
            EosIds = [Bytes.End],
        };
        var weights = Weights(config, Encoding.UTF8.GetBytes(text));
        var tokenizer = Bytes.Open();
        try
        {
            return CheckpointPublisher.Publish(root, new CheckpointDraft
            {
                Step = 1,
                Config = config,
                Tokenizer = tokenizer,
                Template = PromptTemplate.For(tokenizer),
                Weights = weights,
                WeightType = ScalarType.Float32,
                Created = DateTimeOffset.UnixEpoch,
            });
        }
        finally
        {
            foreach (var weight in weights.Values)
            {
                weight.Dispose();
            }
        }
    }

    private static Dictionary<string, Tensor> Weights(LlamaConfig config, byte[] bytes)
    {
        Assert.Equal(bytes.Length, bytes.Distinct().Count());
        var weights = LlamaParameters.Initialize(config, 1, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, weight) in weights)
        {
            if (name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("down_proj.weight", StringComparison.Ordinal))
            {
                weight.zero_();
            }
        }

        // Each token is one direction, and the head turns it into its follower.
        var head = new float[Size * Size];
        for (var token = 0; token < Bytes.VocabularySize; token++)
        {
            var place = Array.IndexOf(bytes, (byte)token);
            var next = token is Bytes.Start or Bytes.Assistant ? bytes[0]
                : token < 256 && place >= 0 && place + 1 < bytes.Length ? bytes[place + 1]
                : Bytes.End;
            head[(next * Size) + token] = 1;
        }

        weights[LlamaParameters.EmbeddingName].copy_(eye(Size));
        weights[LlamaParameters.HeadName].copy_(tensor(head, [Size, Size]));
        return weights;
    }
}
