using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>
/// Rows of an embedding, whose slopes are added to the gradient that the embedding has: libtorch's would be as large as the embedding,
/// almost all zeros, and be added as a whole.
/// </summary>
internal sealed unsafe class EmbeddingFunction : autograd.SingleTensorFunction<EmbeddingFunction>
{
    public override string Name => "embedding";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (weight_VE, tokens_BT) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([tokens_BT]);
        ctx.save_data(PanelOperators.Owner, new Looked((PanelOperators)vars[2], weight_VE));
        return Aten.Embedding(weight_VE, tokens_BT);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var (operators, weight_VE) = (Looked)ctx.get_data(PanelOperators.Owner);
        return operators.Guarded(inputs: 3, ctx, [grad_output], (saved, slopes) =>
        {
            if (is_grad_enabled())
            {
                throw new NotSupportedException("The gradient of an embedding by the server's kernels cannot be differentiated itself.");
            }

            using var slope_BTE = slopes[0].contiguous();
            using var tokens_BT = saved[0].contiguous();
            using var gathered_VE = weight_VE.grad;
            var gradient_VE = gathered_VE is null ? zeros_like(weight_VE) : null;
            var work = new EmbeddingSlopes
            {
                Tokens = (long*)Aten.DataPointer(tokens_BT),
                Slopes = Data.Of(slope_BTE),
                Gradient = Data.Of(gradient_VE ?? gathered_VE!),
                Count = (int)tokens_BT.numel(),
                Width = (int)weight_VE.shape[1],
            };
            operators.Products.Pool.Run(work, work.Parts);
            return [gradient_VE, null, null];
        })!;
    }

    // What rows were looked up in: it is not saved with the graph, since nothing of it is needed but its gradient.
    private sealed record Looked(PanelOperators Operators, Tensor Weight_VE);
}
