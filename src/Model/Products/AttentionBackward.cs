using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

/// <summary>
/// The backward pass of <see cref="AttentionForward"/>: shares are computed again, block by block, and the slopes in keys and values grow
/// in their place.
/// </summary>
internal unsafe struct AttentionBackward : IParallelWork
{
    public AttentionShape Shape;

    /// <summary>[N, H, D]: the slopes in the outputs.</summary>
    public float* Slopes;

    /// <summary>[N, H, D].</summary>
    public float* QuerySlopes;

    /// <summary>[N, K, D], zeros at first.</summary>
    public float* KeySlopes;

    /// <summary>[N, K, D], zeros at first.</summary>
    public float* ValueSlopes;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        var (document, keyHead) = Shape.Of(part);
        var (length, dim, stride) = (document.Length, Shape.HeadDim, Shape.KeyStride);
        var keys = Shape.At(Shape.Keys, stride, document, keyHead);
        var (keyColumns, valueColumns, keyInner) = (Shape.Panels(worker, 0), Shape.Panels(worker, 1), Shape.Panels(worker, 2));
        keyColumns.Pack(new Operand(keys, length, dim, isInnermost: true, stride));
        valueColumns.Pack(new Operand(Shape.At(Shape.Values, stride, document, keyHead), length, dim, isInnermost: true, stride));
        keyInner.Pack(new Operand(keys, dim, length, isInnermost: false, stride));
        for (var head = keyHead * Shape.Group; head < (keyHead + 1) * Shape.Group; head++)
        {
            for (var index = 0; index < AttentionShape.Blocks(document); index++)
            {
                var block = Shape.Block(document, index);
                var queries = Shape.At(Shape.Queries, Shape.QueryStride, document, head);
                var slopes = Shape.At(Slopes, Shape.QueryStride, document, head) + (block.First * Shape.QueryStride);
                var shares = Shape.Shares(queries, keyColumns, block, worker);
                var scoreSlopes = ScoreSlopes(shares, slopes, valueColumns, block, worker);
                var first = block.FirstKey * stride;
                AddTransposed(
                    shares, slopes, block, Shape.BlockPanels(worker, 0),
                    Shape.At(ValueSlopes, stride, document, keyHead) + first, worker);
                AddTransposed(
                    scoreSlopes, queries + (block.First * Shape.QueryStride), block, Shape.BlockPanels(worker, 1),
                    Shape.At(KeySlopes, stride, document, keyHead) + first, worker);
                Shape.Multiply(
                    new Operand(scoreSlopes, block.Count, block.Keys, isInnermost: true),
                    keyInner.Into(
                        0, dim, block.FirstKey,
                        Shape.At(QuerySlopes, Shape.QueryStride, document, head) + (block.First * Shape.QueryStride), Shape.QueryStride),
                    worker);
            }
        }
    }

    // [count, C] of a worker's second scores.
    private readonly float* ScoreSlopes(float* shares, float* slopes, in WorkerPanels values, in AttentionBlock block, int worker)
    {
        var scoreSlopes = Shape.Scores(worker, 1);
        Shape.Multiply(
            new Operand(slopes, block.Count, Shape.HeadDim, isInnermost: true, Shape.QueryStride),
            values.Into(block.FirstKey, block.Keys, inner: 0, scoreSlopes, block.Keys), worker);
        for (var row = 0L; row < block.Count; row++)
        {
            ScoreRows.SlopesOfScores(shares + (row * block.Keys), scoreSlopes + (row * block.Keys), block.Keys, Shape.Scale);
        }

        return scoreSlopes;
    }

    // Adds [C, count] · [count, D], of a block's scores and of its queries or slopes, to what the keys or values of the block have.
    private readonly void AddTransposed(
        float* scores, float* ofQueries, in AttentionBlock block, WorkerPanels panels, float* to, int worker)
    {
        panels.Pack(new Operand(ofQueries, Shape.HeadDim, block.Count, isInnermost: false, Shape.QueryStride));
        Shape.Multiply(
            new Operand(scores, block.Keys, block.Count, isInnermost: false),
            panels.Into(0, Shape.HeadDim, inner: 0, to, Shape.KeyStride, adds: true), worker);
    }
}
