using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Network;

/// <summary>The network in plain loops over doubles, one sequence at a time: the judge of the fast one.</summary>
internal sealed class PlainLlama(LlamaConfig config, IReadOnlyDictionary<string, Tensor> weights)
{
    private readonly Dictionary<string, (double[] Values, int Columns)> matrices = weights.ToDictionary(
        pair => pair.Key,
        pair => (pair.Value.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray(), (int)pair.Value.shape[^1]));

    /// <summary>Logits after each token.</summary>
    public double[][] Logits(IReadOnlyList<int> tokens)
    {
        var embedding = matrices[LlamaParameters.EmbeddingName];
        var hidden = tokens
            .Select(token => embedding.Values.AsSpan(token * embedding.Columns, embedding.Columns).ToArray())
            .ToArray();
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = $"model.layers.{layer}.";
            AddTo(hidden, Attention(Norm(hidden, block + "input_layernorm.weight"), block + "self_attn."));
            AddTo(hidden, FeedForward(Norm(hidden, block + "post_attention_layernorm.weight"), block + "mlp."));
        }

        var head = config.TiedEmbeddings ? LlamaParameters.EmbeddingName : LlamaParameters.HeadName;
        return Multiply(Norm(hidden, "model.norm.weight"), head);
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

    private double[][] Norm(double[][] x, string name) => x.Select(row =>
    {
        var scale = 1 / Math.Sqrt(row.Average(value => value * value) + config.RmsNormEpsilon);
        return row.Select((value, i) => value * scale * matrices[name].Values[i]).ToArray();
    }).ToArray();

    private double[][] Multiply(double[][] x, string name)
    {
        var (values, columns) = matrices[name];
        return x.Select(row => Enumerable.Range(0, values.Length / columns)
            .Select(o => Enumerable.Range(0, columns).Sum(i => values[(o * columns) + i] * row[i]))
            .ToArray()).ToArray();
    }

    private double[][] Attention(double[][] x, string name)
    {
        var query = Multiply(x, name + "q_proj.weight");
        var key = Multiply(x, name + "k_proj.weight");
        var value = Multiply(x, name + "v_proj.weight");
        for (var t = 0; t < x.Length; t++)
        {
            Turn(query[t], t);
            Turn(key[t], t);
        }

        var size = config.HeadDim;
        var mixed = new double[x.Length][];
        for (var t = 0; t < x.Length; t++)
        {
            mixed[t] = new double[config.Heads * size];
            for (var head = 0; head < config.Heads; head++)
            {
                var shared = head / (config.Heads / config.KvHeads);
                var scores = Enumerable.Range(0, t + 1).Select(s => Math.Exp(Enumerable.Range(0, size)
                    .Sum(i => query[t][(head * size) + i] * key[s][(shared * size) + i]) / Math.Sqrt(size))).ToArray();
                for (var i = 0; i < size; i++)
                {
                    mixed[t][(head * size) + i] = Enumerable.Range(0, t + 1)
                        .Sum(s => scores[s] * value[s][(shared * size) + i]) / scores.Sum();
                }
            }
        }

        return Multiply(mixed, name + "o_proj.weight");
    }

    private void Turn(double[] heads, int position)
    {
        var pairs = config.HeadDim / 2;
        for (var start = 0; start < heads.Length; start += config.HeadDim)
        {
            for (var i = 0; i < pairs; i++)
            {
                var angle = position * Frequency(i, pairs, position);
                var (a, b) = (heads[start + i], heads[start + i + pairs]);
                heads[start + i] = (a * Math.Cos(angle)) - (b * Math.Sin(angle));
                heads[start + i + pairs] = (b * Math.Cos(angle)) + (a * Math.Sin(angle));
            }
        }
    }

    // Written out from the published definitions, apart from the code under test.
    private double Frequency(int i, int pairs, int position)
    {
        var plain = 1 / Math.Pow(config.RopeTheta, 2.0 * i / config.HeadDim);
        switch (config.RopeScaling)
        {
            case RopeScaling.Linear linear:
                return plain / linear.Factor;
            case RopeScaling.Dynamic dynamic when position + 1 > config.MaxPositions:
                var dim = config.HeadDim;
                var grown = (dynamic.Factor * (position + 1) / config.MaxPositions) - (dynamic.Factor - 1);
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
            default:
                return plain;
        }
    }

    private double[][] FeedForward(double[][] x, string name)
    {
        var gate = Multiply(x, name + "gate_proj.weight");
        var up = Multiply(x, name + "up_proj.weight");
        var inner = gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray()).ToArray();
        return Multiply(inner, name + "down_proj.weight");
    }
}
