using Orca.Model.Caching;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Network;

/// <summary>Greedy decoding in its plainest form: one sequence, one token a step, over a cache.</summary>
internal static class Greedy
{
    public static List<int> Decode(LlamaModel model, int first, int steps)
    {
        using var still = no_grad();
        using var cache = new KvCache(model.Config, 1, steps, model.Compute, model.Device);
        List<int> tokens = [first];
        for (var position = 0; position < steps; position++)
        {
            using var scope = NewDisposeScope();
            using var attention = new CachedAttention(cache, [new CacheRow(0, position, 1)]);
            var hidden = model.Hidden(tensor((long)tokens[^1]).view(1, 1), tensor((long)position).view(1, 1), attention);
            tokens.Add((int)model.Logits(hidden).argmax().item<long>());
        }

        return tokens[1..];
    }
}
