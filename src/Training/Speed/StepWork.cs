using Orca.Model.Network;
using Orca.Training.Packing;

namespace Orca.Training.Speed;

/// <summary>
/// Operations that a step needs by the formula that rates of trainers are usually given by: for every token, padding left out, 6 for each
/// weight of the matrices, the embedding left out, and 6 · layers · heads · head dimension for each token of its document, which is what
/// causal attention needs. Multiply-adds count as two; what is computed again does not count. Weights that are frozen beside adapters need
/// no gradient: 4 for each; the adapters are left out. Hinted halves of lessons of practice go forward alone: 2 for each weight, and a
/// third of the attention.
/// </summary>
/// <remarks>
/// Kaplan et al., arXiv 2001.08361, section 2.1, for the weights; PaLM, arXiv 2204.02311, appendix B, with attention halved.
/// </remarks>
public sealed class StepWork
{
    private readonly double ofToken;
    private readonly double ofPair;
    private readonly double ofHintedToken;

    /// <summary>That of a shape.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="isFrozen">Whether its weights are frozen, and adapters trained.</param>
    public StepWork(LlamaConfig config, bool isFrozen = false)
    {
        var matrices = LlamaParameters.ShapesOf(config)
            .Where(shape => !shape.IsVector && shape.Name != LlamaParameters.EmbeddingName)
            .Sum(shape => (double)shape.Count);
        var weights = matrices + (config.TiedEmbeddings ? (double)config.VocabularySize * config.HiddenSize : 0);
        (ofToken, ofHintedToken) = ((isFrozen ? 4 : 6) * weights, 2 * weights);
        ofPair = 6.0 * config.Layers * config.Heads * config.HeadDim;
    }

    /// <summary>The operations of a step's micro-batches.</summary>
    public double Of(IEnumerable<PackedBatch> microBatches) =>
        microBatches.SelectMany(DocumentLengths).Sum(length => ofToken * length + (ofPair * length * length))
        + microBatches.SelectMany(batch => batch.Hints).SelectMany(hints => DocumentLengths(hints.Rows))
            .Sum(length => ofHintedToken * length + (ofPair / 3 * length * length));

    private static IEnumerable<double> DocumentLengths(PackedBatch batch)
    {
        for (var start = 0; start < batch.Segments.Length;)
        {
            var end = start + 1;
            while (end % batch.RowLength != 0 && batch.Segments[end] == batch.Segments[start])
            {
                end++;
            }

            if (batch.Segments[start] != 0)
            {
                yield return end - start;
            }

            start = end;
        }
    }
}
