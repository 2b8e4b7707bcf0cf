using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>A norm by the root mean square, in one pass over memory each way. Differentiable once.</summary>
internal sealed unsafe class NormFunction : autograd.SingleTensorFunction<NormFunction>
{
    private const string Epsilon = "epsilon";

    public override string Name => "norm";

    public static Tensor Compute(PanelOperators operators, Tensor x, Tensor weight_E, double epsilon)
    {
        var output = empty_like(x);
        var work = WorkOf(x, weight_E, epsilon) with { Outputs = Data.Of(output) };
        operators.Products.Pool.Run(work, work.Parts);
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_for_backward([(Tensor)vars[0], (Tensor)vars[1]]);
        ctx.save_data(PanelOperators.Owner, vars[2]);
        ctx.save_data(Epsilon, vars[3]);
        return Compute((PanelOperators)vars[2], (Tensor)vars[0], (Tensor)vars[1], (double)vars[3]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var (operators, epsilon) = ((PanelOperators)ctx.get_data(PanelOperators.Owner), (double)ctx.get_data(Epsilon));
        return operators.Guarded(inputs: 4, ctx, [grad_output], (saved, slopes) =>
        {
            var (x, weight_E) = (saved[0], saved[1]);
            return is_grad_enabled()
                ? Differentiable(x, weight_E, epsilon, slopes[0])
                : Backward(operators, x, weight_E, epsilon, slopes[0]);
        })!;
    }

    private static List<Tensor?> Backward(PanelOperators operators, Tensor x, Tensor weight_E, double epsilon, Tensor slopes)
    {
        using var slope = slopes.contiguous();
        var rowSlope = empty_like(x);
        var work = WorkOf(x, weight_E, epsilon) with { Slopes = Data.Of(slope), RowSlopes = Data.Of(rowSlope) };
        using var weightSlopes_PE = zeros([work.Parts, work.Width], ScalarType.Float32);
        work.WeightSlopes = Data.Of(weightSlopes_PE);
        operators.Products.Pool.Run(work, work.Parts);
        return [rowSlope, weight_E.requires_grad ? weightSlopes_PE.sum([0]) : null, null, null];
    }

    private static List<Tensor?> Differentiable(Tensor x, Tensor weight_E, double epsilon, Tensor slope)
    {
        var scale = x.mul(x).mean([-1], keepdim: true).Plus_(epsilon).rsqrt();
        var own = slope * weight_E;
        var rowSlope = scale * own.Plus(x * scale * scale * own.mul(x).mean([-1], keepdim: true), -1);
        return [rowSlope, (slope * x * scale).flatten(0, -2).sum([0]), null, null];
    }

    private static RowNorm WorkOf(Tensor x, Tensor weight_E, double epsilon) => new()
    {
        Rows = Data.Of(x),
        Weight = Data.Of(weight_E),
        Count = (int)(x.numel() / x.shape[^1]),
        Width = (int)x.shape[^1],
        Epsilon = (float)epsilon,
    };
}
