using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>silu(gate) · up, in one pass over memory each way.</summary>
internal sealed unsafe class GatedSiluFunction : autograd.SingleTensorFunction<GatedSiluFunction>
{
    public override string Name => "gated silu";

    public static Tensor Compute(PanelOperators operators, Tensor gate, Tensor up)
    {
        var output = empty_like(gate);
        var work = new GatedSilu
        {
            Gate = Data.Of(gate),
            Up = Data.Of(up),
            Count = gate.numel(),
            Output = Data.Of(output),
        };
        operators.Products.Pool.Run(work, work.Parts);
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_for_backward([(Tensor)vars[0], (Tensor)vars[1]]);
        ctx.save_data(PanelOperators.Owner, vars[2]);
        return Compute((PanelOperators)vars[2], (Tensor)vars[0], (Tensor)vars[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var operators = (PanelOperators)ctx.get_data(PanelOperators.Owner);
        return operators.Guarded(inputs: 3, ctx, [grad_output], (saved, slopes) =>
        {
            var (gate, up) = (saved[0], saved[1]);
            if (is_grad_enabled())
            {
                var sigmoid = gate.sigmoid();
                var silu = gate * sigmoid;
                return [slopes[0] * up * sigmoid.Plus(silu.Plus(silu * sigmoid, -1)), slopes[0] * silu, null];
            }

            using var slope = slopes[0].contiguous();
            var (gateSlope, upSlope) = (empty_like(gate), empty_like(up));
            var work = new GatedSilu
            {
                Gate = Data.Of(gate),
                Up = Data.Of(up),
                Count = gate.numel(),
                Slope = Data.Of(slope),
                GateSlope = Data.Of(gateSlope),
                UpSlope = Data.Of(upSlope),
            };
            operators.Products.Pool.Run(work, work.Parts);
            return [gateSlope, upSlope, null];
        })!;
    }
}
