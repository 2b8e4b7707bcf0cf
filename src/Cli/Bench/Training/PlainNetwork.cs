using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training.Packing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Orca.Cli.Bench.Training;

// B rows, T tokens, E hidden, H heads, D head dimension, N tokens that bear loss.

/// <summary>
/// The network as one would write it in TorchSharp at first: one operator after another, and TorchSharp's own AdamW. What training is
/// compared with; not the network that is taught. Every row is one document.
/// </summary>
internal sealed class PlainNetwork : IDisposable
{
    private readonly LlamaConfig _config;
    private readonly Dictionary<string, Parameter> _weights = [];
    private readonly optim.Optimizer _optimizer;

    /// <param name="config">Shape; biases and norms of queries are left out.</param>
    /// <param name="device">Where it is trained.</param>
    public PlainNetwork(LlamaConfig config, Device device)
    {
        _config = config;
        foreach (var (name, weight) in LlamaParameters.Initialize(config, seed: 1, ScalarType.Float32, device))
        {
            _weights.Add(name, new Parameter(weight));
        }

        _optimizer = optim.AdamW(_weights.Values, 1e-4);
    }

    /// <summary>One step.</summary>
    /// <returns>The loss before it.</returns>
    public double Step(PackedBatch batch, Device device)
    {
        using var scope = NewDisposeScope();
        var targets = batch.Targets();
        var tokens_BT = tensor([.. batch.Tokens], [batch.Rows, batch.RowLength], device: device);
        var hidden_NE = Hidden(tokens_BT).flatten(0, 1).index_select(0, tensor(targets.Predictors, device: device));
        var logits_NV = nn.functional.linear(hidden_NE, _weights[LlamaParameters.HeadNameOf(_config)]);
        var loss = nn.functional.cross_entropy(logits_NV, tensor(targets.Tokens, device: device));
        _optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(_weights.Values, 1);
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }
    }

    private Tensor Hidden(Tensor tokens_BT)
    {
        var hidden_BTE = _weights[LlamaParameters.EmbeddingName].index_select(0, tokens_BT.flatten())
            .view(tokens_BT.shape[0], tokens_BT.shape[1], _config.HiddenSize);
        var (cosine_TD, sine_TD) = Angles(tokens_BT.shape[1], tokens_BT.device);
        for (var layer = 0; layer < _config.Layers; layer++)
        {
            var block = $"{LlamaParameters.LayerPrefix}{layer}.";
            hidden_BTE = hidden_BTE.Plus(Attend(Norm(hidden_BTE, block + "input_layernorm"), block + "self_attn.", cosine_TD, sine_TD));
            var normed_BTE = Norm(hidden_BTE, block + "post_attention_layernorm");
            var gated = nn.functional.silu(Linear(normed_BTE, block + "mlp.gate_proj")) * Linear(normed_BTE, block + "mlp.up_proj");
            hidden_BTE = hidden_BTE.Plus(Linear(gated, block + "mlp.down_proj"));
        }

        return Norm(hidden_BTE, "model.norm");
    }

    private Tensor Attend(Tensor normed_BTE, string name, Tensor cosine_TD, Tensor sine_TD)
    {
        var query_BHTD = Turned(Heads(Linear(normed_BTE, name + "q_proj")), cosine_TD, sine_TD);
        var key_BKTD = Turned(Heads(Linear(normed_BTE, name + "k_proj")), cosine_TD, sine_TD);
        var value_BKTD = Heads(Linear(normed_BTE, name + "v_proj"));
        var groups = _config.Heads / _config.KvHeads;
        var attended_BHTD = nn.functional.scaled_dot_product_attention(
            query_BHTD, key_BKTD.repeat_interleave(groups, 1), value_BKTD.repeat_interleave(groups, 1), is_casual: true);
        return Linear(attended_BHTD.transpose(1, 2).flatten(2), name + "o_proj");
    }

    private Tensor Heads(Tensor x_BTX) => x_BTX.view(x_BTX.shape[0], x_BTX.shape[1], -1, _config.HeadDim).transpose(1, 2);

    private Tensor Linear(Tensor x, string name) => nn.functional.linear(x, _weights[name + ".weight"]);

    private Tensor Norm(Tensor x, string name) =>
        x * x.mul(x).mean([-1], keepdim: true).Plus_(_config.RmsNormEpsilon).rsqrt() * _weights[name + ".weight"];

    private static Tensor Turned(Tensor x_BHTD, Tensor cosine_TD, Tensor sine_TD)
    {
        var halves = x_BHTD.chunk(2, -1);
        return (x_BHTD * cosine_TD).Plus(cat([halves[1].neg(), halves[0]], -1) * sine_TD);
    }

    private (Tensor Cosine_TD, Tensor Sine_TD) Angles(long length, Device device)
    {
        var half = _config.HeadDim / 2;
        var angles = new float[length * _config.HeadDim];
        for (var i = 0; i < angles.Length; i++)
        {
            angles[i] = (float)(i / _config.HeadDim * Math.Pow(_config.RopeTheta, -(i % half) / (double)half));
        }

        var angles_TD = tensor(angles, [length, _config.HeadDim], device: device);
        return (angles_TD.cos(), angles_TD.sin());
    }
}
