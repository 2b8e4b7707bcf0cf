using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>
/// A weighted sum of cross-entropies, whose slopes in the logits are computed at once, and in their place. Differentiable once.
/// </summary>
internal sealed unsafe class CrossEntropyFunction : autograd.SingleTensorFunction<CrossEntropyFunction>
{
    public override string Name => "cross-entropy";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (logits_NV, tokens_N, weights_N) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        var (operators, tokenLosses_N) = ((PanelOperators)vars[3], (Tensor)vars[5]);
        var losses = new double[logits_NV.shape[0]];
        fixed (double* lossesAt = losses)
        {
            var work = new CrossEntropy
            {
                Logits = Data.Of(logits_NV),
                Tokens = (long*)Aten.DataPointer(tokens_N),
                Weights = Data.Of(weights_N),
                TotalWeight = (double)vars[4],
                Rows = losses.Length,
                Vocabulary = (int)logits_NV.shape[1],
                Losses = lossesAt,
                TokenLosses = (double*)Aten.DataPointer(tokenLosses_N),
            };
            operators.Products.Pool.Run(work, work.Parts);
        }

        ctx.save_for_backward([logits_NV]);
        ctx.save_data(PanelOperators.Owner, operators);
        return tensor(losses.Sum());
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var operators = (PanelOperators)ctx.get_data(PanelOperators.Owner);
        return operators.Guarded(inputs: 6, ctx, [grad_output], (saved, slopes) => is_grad_enabled()
            ? throw new NotSupportedException("The cross-entropy is differentiable once.")
            : [Scaled(saved[0].detach(), slopes[0].item<double>()), null, null, null, null, null])!;
    }

    // A loss's own slope is 1, and a pass over all logits is not for nothing.
    private static Tensor Scaled(Tensor slopes_NV, double factor) => factor == 1 ? slopes_NV : slopes_NV.Times_(factor);
}
