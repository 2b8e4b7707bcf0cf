namespace Orca.Training.Tests.Reference;

/// <summary>One layer: attention, then the gated feed-forward part, each normed before and added to what it was made of.</summary>
/// <param name="weight">Gives a weight of the layer by the end of its name.</param>
/// <param name="headSize">Values of a head.</param>
/// <param name="epsilon">Of the norms.</param>
/// <param name="thetaBase">Of the rotary frequencies.</param>
internal sealed class PlainBlock(Func<string, PlainWeight> weight, int headSize, double epsilon, double thetaBase)
{
    public Differentiable Of(double[][] hidden) => Differentiable
        .Residual(hidden, x => PlainNorm.Of(x, weight("input_layernorm.weight"), epsilon).Then(Attention))
        .Then(middle => Differentiable.Residual(
            middle, x => PlainNorm.Of(x, weight("post_attention_layernorm.weight"), epsilon).Then(FeedForward)));

    private Differentiable Attention(double[][] x)
    {
        var query = PlainLinear.Of(x, weight("self_attn.q_proj.weight")).Then(Rotated);
        var key = PlainLinear.Of(x, weight("self_attn.k_proj.weight")).Then(Rotated);
        var value = PlainLinear.Of(x, weight("self_attn.v_proj.weight"));
        var (mixed, back) = PlainAttention.Of(query.Rows, key.Rows, value.Rows, headSize);
        return new Differentiable(mixed, Backward).Then(rows => PlainLinear.Of(rows, weight("self_attn.o_proj.weight")));

        double[][] Backward(double[][] slope)
        {
            var (dq, dk, dv) = back(slope);
            return Differentiable.Sum(Differentiable.Sum(query.Back(dq), key.Back(dk)), value.Back(dv));
        }
    }

    private Differentiable Rotated(double[][] x) => PlainRotation.Of(x, headSize, thetaBase);

    // silu(gate) · up, and silu(a) = a / (1 + e^-a).
    private Differentiable FeedForward(double[][] x)
    {
        var gate = PlainLinear.Of(x, weight("mlp.gate_proj.weight"));
        var up = PlainLinear.Of(x, weight("mlp.up_proj.weight"));
        var inner = Pairwise(gate.Rows, up.Rows, (a, b) => a * Sigmoid(a) * b);
        return new Differentiable(inner, Backward).Then(rows => PlainLinear.Of(rows, weight("mlp.down_proj.weight")));

        double[][] Backward(double[][] slope)
        {
            var gateSlope = Pairwise(gate.Rows, up.Rows, (a, b) => Sigmoid(a) * (1 + (a * (1 - Sigmoid(a)))) * b);
            var upSlope = Pairwise(gate.Rows, up.Rows, (a, _) => a * Sigmoid(a));
            return Differentiable.Sum(
                gate.Back(Pairwise(slope, gateSlope, (one, other) => one * other)),
                up.Back(Pairwise(slope, upSlope, (one, other) => one * other)));
        }
    }

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));

    private static double[][] Pairwise(double[][] one, double[][] other, Func<double, double, double> of) =>
        [.. one.Zip(other, (a, b) => a.Zip(b, of).ToArray())];
}
