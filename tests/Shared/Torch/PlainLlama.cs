using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Tests.Shared;

/// <summary>
/// The network of every family in plain loops over doubles, one sequence at a time: the judge of the fast ones. Written out from the
/// published definitions, apart from the code under test.
/// </summary>
internal sealed class PlainLlama(LlamaConfig config, IReadOnlyDictionary<string, Tensor> weights)
{
    private readonly Dictionary<string, (double[] Values, int Columns)> matrices = weights.ToDictionary(
        pair => pair.Key,
        pair => (pair.Value.Doubles(), (int)pair.Value.shape[^1]));

    /// <summary>A weight's values, to change one and see what that does.</summary>
    public double[] Values(string name) => matrices[name].Values;

    /// <summary>Logits after each token.</summary>
    public double[][] Logits(IReadOnlyList<int> tokens)
    {
        var embedding = matrices["model.embed_tokens.weight"];
        var hidden = tokens
            .Select(token => embedding.Values.AsSpan(token * embedding.Columns, embedding.Columns).ToArray())
            .ToArray();
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = $"model.layers.{layer}.";
            var window = config.Window is { } stated && (config.WindowedLayers.IsEmpty || config.WindowedLayers[layer])
                ? stated
                : int.MaxValue;
            AddTo(hidden, Attention(Norm(hidden, block + "input_layernorm.weight"), block + "self_attn.", window));
            AddTo(hidden, FeedForward(Norm(hidden, block + "post_attention_layernorm.weight"), block + "mlp."));
        }

        return Multiply(Norm(hidden, "model.norm.weight"), config.TiedEmbeddings ? "model.embed_tokens" : "lm_head");
    }

    /// <summary>Mean cross-entropy of the tokens from an index on, each predicted from those before it.</summary>
    public double Loss(IEnumerable<(IReadOnlyList<int> Tokens, int From)> documents)
    {
        var losses = documents.SelectMany(document =>
        {
            var logits = Logits(document.Tokens);
            return Enumerable.Range(document.From, document.Tokens.Count - document.From)
                .Select(t => Math.Log(logits[t - 1].Sum(Math.Exp)) - logits[t - 1][document.Tokens[t]]);
        });
        return losses.Average();
    }

    private static void AddTo(double[][] hidden, double[][] change)
    {
        for (var t = 0; t < hidden.Length; t++)
        {
            for (var i = 0; i < hidden[t].Length; i++)
            {
                hidden[t][i] += change[t][i];
            }
        }
    }

    private double[][] Norm(double[][] x, string name) => [.. x.Select(row => Normed(row, matrices[name].Values))];

    private double[] Normed(double[] row, double[] weight)
    {
        var scale = 1 / Math.Sqrt(row.Average(value => value * value) + config.RmsNormEpsilon);
        return [.. row.Select((value, i) => value * scale * weight[i])];
    }

    private double[][] Multiply(double[][] x, string name)
    {
        var (values, columns) = matrices[name + ".weight"];
        var bias = matrices.GetValueOrDefault(name + ".bias").Values;
        return [.. x.Select(row => Enumerable.Range(0, values.Length / columns)
            .Select(o => (bias?[o] ?? 0) + Enumerable.Range(0, columns).Sum(i => values[(o * columns) + i] * row[i]))
            .ToArray())];
    }

    private double[][] Attention(double[][] x, string name, int window)
    {
        var query = Multiply(x, name + "q_proj");
        var key = Multiply(x, name + "k_proj");
        var value = Multiply(x, name + "v_proj");
        for (var t = 0; t < x.Length; t++)
        {
            NormHeads(query[t], name + "q_norm.weight");
            NormHeads(key[t], name + "k_norm.weight");
            Turn(query[t], t);
            Turn(key[t], t);
        }

        var size = config.HeadDim;
        var mixed = new double[x.Length][];
        for (var t = 0; t < x.Length; t++)
        {
            mixed[t] = new double[config.Heads * size];
            var seen = Enumerable.Range(0, t + 1).Where(s => t - s < window).ToArray();
            for (var head = 0; head < config.Heads; head++)
            {
                var shared = head / (config.Heads / config.KvHeads);
                var scores = seen.Select(s => Math.Exp(Enumerable.Range(0, size)
                    .Sum(i => query[t][(head * size) + i] * key[s][(shared * size) + i]) / Math.Sqrt(size))).ToArray();
                for (var i = 0; i < size; i++)
                {
                    mixed[t][(head * size) + i] = seen.Select((s, n) => scores[n] * value[s][(shared * size) + i]).Sum() / scores.Sum();
                }
            }
        }

        return Multiply(mixed, name + "o_proj");
    }

    private void NormHeads(double[] heads, string name)
    {
        if (matrices.TryGetValue(name, out var weight))
        {
            for (var start = 0; start < heads.Length; start += config.HeadDim)
            {
                Normed(heads[start..(start + config.HeadDim)], weight.Values).CopyTo(heads, start);
            }
        }
    }

    private void Turn(double[] heads, int position)
    {
        var pairs = config.HeadDim / 2;
        var factor = config.RopeScaling is RopeScaling.Yarn yarn ? yarn.GivenAttentionFactor ?? ((0.1 * Math.Log(yarn.Factor)) + 1) : 1;
        for (var start = 0; start < heads.Length; start += config.HeadDim)
        {
            for (var i = 0; i < pairs; i++)
            {
                var angle = position * Frequency(i, pairs, position);
                var (a, b) = (heads[start + i], heads[start + i + pairs]);
                heads[start + i] = factor * ((a * Math.Cos(angle)) - (b * Math.Sin(angle)));
                heads[start + i + pairs] = factor * ((b * Math.Cos(angle)) + (a * Math.Sin(angle)));
            }
        }
    }

    private double Frequency(int i, int pairs, int position)
    {
        var dim = config.HeadDim;
        var plain = 1 / Math.Pow(config.RopeTheta, 2.0 * i / dim);
        switch (config.RopeScaling)
        {
            case RopeScaling.Linear linear:
                return plain / linear.Factor;
            case RopeScaling.Dynamic dynamic when position + 1 > dynamic.OriginalMaxPositions:
                var grown = (dynamic.Factor * (position + 1) / dynamic.OriginalMaxPositions) - (dynamic.Factor - 1);
                return 1 / Math.Pow(config.RopeTheta * Math.Pow(grown, dim / (dim - 2.0)), 2.0 * i / dim);
            case RopeScaling.Llama3 llama3:
                var wavelength = 2 * Math.PI / plain;
                if (wavelength < llama3.OriginalMaxPositions / llama3.HighFrequencyFactor)
                {
                    return plain;
                }

                if (wavelength > llama3.OriginalMaxPositions / llama3.LowFrequencyFactor)
                {
                    return plain / llama3.Factor;
                }

                var smooth = ((llama3.OriginalMaxPositions / wavelength) - llama3.LowFrequencyFactor)
                    / (llama3.HighFrequencyFactor - llama3.LowFrequencyFactor);
                return ((1 - smooth) * plain / llama3.Factor) + (smooth * plain);
            case RopeScaling.Yarn yarn:
                var low = DimensionOf(yarn.BetaFast, yarn.OriginalMaxPositions);
                var high = DimensionOf(yarn.BetaSlow, yarn.OriginalMaxPositions);
                (low, high) = yarn.Truncates ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);
                (low, high) = (Math.Max(low, 0), Math.Min(high, dim - 1));
                var ramp = Math.Clamp((i - low) / ((low == high ? high + 0.001 : high) - low), 0, 1);
                return (plain / yarn.Factor * ramp) + (plain * (1 - ramp));
            default:
                return plain;
        }
    }

    private double DimensionOf(double turns, int positions) =>
        config.HeadDim * Math.Log(positions / (turns * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta));

    private double[][] FeedForward(double[][] x, string name)
    {
        var gate = Multiply(x, name + "gate_proj");
        var up = Multiply(x, name + "up_proj");
        var inner = gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray()).ToArray();
        return Multiply(inner, name + "down_proj");
    }
}
