using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>Rotary positions, in one pass over memory each way. Differentiable as often as may be: it is linear.</summary>
internal sealed unsafe class TurnFunction : autograd.SingleTensorFunction<TurnFunction>
{
    public override string Name => "turn";

    public static Tensor Compute(PanelOperators operators, Tensor x_BTHD, Tensor cosine_BT1D, Tensor sine_BT1D, bool isBack)
    {
        var output = empty_like(x_BTHD);
        var work = new HeadTurn
        {
            From = Data.Of(x_BTHD),
            To = Data.Of(output),
            Cosines = Data.Of(cosine_BT1D),
            Sines = Data.Of(sine_BT1D),
            Tokens = (int)(x_BTHD.shape[0] * x_BTHD.shape[1]),
            Heads = (int)x_BTHD.shape[2],
            HeadDim = (int)x_BTHD.shape[3],
            IsBack = isBack,
        };
        operators.Products.Pool.Run(work, work.Parts);
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_for_backward([(Tensor)vars[1], (Tensor)vars[2]]);
        ctx.save_data(PanelOperators.Owner, vars[3]);
        return Compute((PanelOperators)vars[3], (Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], isBack: false);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var operators = (PanelOperators)ctx.get_data(PanelOperators.Owner);
        return operators.Guarded(inputs: 4, ctx, [grad_output], (saved, slopes) =>
        {
            if (is_grad_enabled())
            {
                // A turn the other way: the sines' signs change.
                return [slopes[0].mul(saved[0]).Plus(slopes[0].roll(slopes[0].shape[^1] / 2, -1).mul(saved[1]), -1), null, null, null];
            }

            using var slope = slopes[0].contiguous();
            return [Compute(operators, slope, saved[0], saved[1], isBack: true), null, null, null];
        })!;
    }
}
