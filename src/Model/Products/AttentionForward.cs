using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

/// <summary>Causal attention over packed documents, in one pass over each: scores of a block of queries exist at a time.</summary>
internal unsafe struct AttentionForward : IParallelWork
{
    public AttentionShape Shape;

    /// <summary>[N, H, D].</summary>
    public float* Outputs;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        var (document, keyHead) = Shape.Of(part);
        var (length, dim) = (document.Length, Shape.HeadDim);
        var (keys, values) = (Shape.Panels(worker, 0), Shape.Panels(worker, 1));
        keys.Pack(new Operand(
            Shape.At(Shape.Keys, Shape.KeyStride, document, keyHead), length, dim, isInnermost: true, Shape.KeyStride));
        values.Pack(new Operand(
            Shape.At(Shape.Values, Shape.KeyStride, document, keyHead), dim, length, isInnermost: false, Shape.KeyStride));
        for (var head = keyHead * Shape.Group; head < (keyHead + 1) * Shape.Group; head++)
        {
            var queries = Shape.At(Shape.Queries, Shape.QueryStride, document, head);
            var outputs = Shape.At(Outputs, Shape.QueryStride, document, head);
            for (var index = 0; index < AttentionShape.Blocks(document); index++)
            {
                var block = Shape.Block(document, index);
                var shares = Shape.Shares(queries, keys, block, worker);
                Shape.Multiply(
                    new Operand(shares, block.Count, block.Keys, isInnermost: true),
                    values.Into(0, dim, block.FirstKey, outputs + (block.First * Shape.QueryStride), Shape.QueryStride), worker);
            }
        }
    }
}
