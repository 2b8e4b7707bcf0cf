using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

// Shapes: B batch, T tokens, H heads, K key/value heads, D head dimension.

/// <summary>Packed attention by the panels' kernels: documents are worked on where they lie. fp32 in and out.</summary>
internal sealed unsafe class PanelAttention : IPackedAttention
{
    private readonly PanelOperators operators;
    private readonly DocumentRun[] documents;

    /// <param name="operators">Whose threads and memory are used.</param>
    /// <param name="segments_BT">As for <see cref="INetworkOperators.Attention"/>.</param>
    public PanelAttention(PanelOperators operators, Tensor segments_BT)
    {
        this.operators = operators;
        PositionLimit = (int)segments_BT.shape[1];
        documents = [.. DocumentRun.Of(segments_BT).OrderByDescending(document => document.Length)];
    }

    /// <inheritdoc/>
    public int PositionLimit { get; }

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null)
    {
        var (queries, keys, values) = (query_BTHD.contiguous(), key_BTKD.contiguous(), value_BTKD.contiguous());
        return is_grad_enabled()
            ? AttentionFunction.apply(queries, keys, values, this, window ?? int.MaxValue)
            : Compute(queries, keys, values, window ?? int.MaxValue);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What it works in is the operators'.
    }

    private Tensor Compute(Tensor queries, Tensor keys, Tensor values, int window)
    {
        var output = empty_like(queries);
        fixed (DocumentRun* runs = documents)
        {
            var work = new AttentionForward { Shape = ShapeOf(queries, keys, values, window, runs), Outputs = Data.Of(output) };
            operators.Products.Pool.Run(work, work.Shape.Parts);
        }

        return output;
    }

    private List<Tensor?> Backward(Tensor queries, Tensor keys, Tensor values, int window, Tensor slopes)
    {
        using var slope = slopes.contiguous();
        var (ofQueries, ofKeys, ofValues) = (empty_like(queries), zeros_like(keys), zeros_like(values));
        fixed (DocumentRun* runs = documents)
        {
            var work = new AttentionBackward
            {
                Shape = ShapeOf(queries, keys, values, window, runs),
                Slopes = Data.Of(slope),
                QuerySlopes = Data.Of(ofQueries),
                KeySlopes = Data.Of(ofKeys),
                ValueSlopes = Data.Of(ofValues),
            };
            operators.Products.Pool.Run(work, work.Shape.Parts);
        }

        return [ofQueries, ofKeys, ofValues, null, null];
    }

    private AttentionShape ShapeOf(Tensor queries, Tensor keys, Tensor values, int window, DocumentRun* runs)
    {
        var shape = new AttentionShape
        {
            Kernel = operators.Products.Kernel,
            Documents = runs,
            DocumentCount = documents.Length,
            Heads = (int)queries.shape[2],
            KeyHeads = (int)keys.shape[2],
            HeadDim = (int)queries.shape[3],
            Window = window,
            Longest = documents[0].Length,
            Queries = Data.Of(queries),
            Keys = Data.Of(keys),
            Values = Data.Of(values),
            Scratch = operators.Products.Scratch,
        };
        shape.Memory = operators.AttentionMemory(shape.WorkerBytes * operators.Products.Pool.Threads);
        return shape;
    }

    private sealed class AttentionFunction : autograd.SingleTensorFunction<AttentionFunction>
    {
        private const string Window = "window";

        public override string Name => "panel attention";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]]);
            ctx.save_data(PanelOperators.Owner, vars[3]);
            ctx.save_data(Window, vars[4]);
            return ((PanelAttention)vars[3]).Compute((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (int)vars[4]);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var owner = (PanelAttention)ctx.get_data(PanelOperators.Owner);
            var window = (int)ctx.get_data(Window);
            return owner.operators.Guarded(inputs: 5, ctx, [grad_output], (saved, slopes) => is_grad_enabled()
                ? throw new NotSupportedException("The gradient of packed attention cannot be differentiated itself.")
                : owner.Backward(saved[0], saved[1], saved[2], window, slopes[0]))!;
        }
    }
}
