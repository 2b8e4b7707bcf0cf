using Orca.Model.Checkpoints;
using Orca.Model.Embedded;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.EndToEnd.Tests;

/// <summary>A student with the embedded one's words and first weights of its own, as a checkpoint.</summary>
internal static class PublishedStudent
{
    /// <summary>Publishes it.</summary>
    /// <param name="root">The folder of checkpoints.</param>
    /// <param name="config">Its shape; null: the embedded student's.</param>
    /// <returns>The checkpoint's folder.</returns>
    public static string In(string root, LlamaConfig? config = null)
    {
        config ??= EmbeddedStudent.Config;
        var weights = LlamaParameters.Initialize(config, 1, ScalarType.Float32, CPU);
        try
        {
            return CheckpointPublisher.Publish(root, new CheckpointDraft
            {
                Step = 1,
                Config = config,
                Tokenizer = EmbeddedStudent.Tokenizer,
                Template = EmbeddedStudent.Template,
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
}
