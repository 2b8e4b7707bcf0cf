using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests;

/// <summary>Weights further from zero than fresh ones, and norms that are not one: nothing of the network is nearly linear.</summary>
internal static class ShakenWeights
{
    /// <summary>By Hugging Face name, float32, in the caller's dispose scope.</summary>
    public static Dictionary<string, Tensor> Of(LlamaConfig config)
    {
        var random = new Random(3);
        return LlamaParameters.Initialize(config, 3, ScalarType.Float32, CPU).ToDictionary(pair => pair.Key, pair =>
        {
            using var fresh = pair.Value;
            var noise = Enumerable.Range(0, (int)fresh.numel()).Select(_ => (float)(random.NextDouble() - 0.5) * 0.6f).ToArray();
            return fresh + tensor(noise).view(fresh.shape);
        });
    }
}
