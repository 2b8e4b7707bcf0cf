using System.Runtime.InteropServices;
using Orca.Model.Caching;
using Orca.Serving.Batching;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Serving.Execution;

// B rows, T tokens of the longest row, E hidden, R rows that draw, V vocabulary.

/// <summary>
/// Computes steps: runs the network over a batch and draws the next tokens. Knows tensors; knows no queues. Belongs to
/// the engine's thread.
/// </summary>
internal sealed class ModelRunner
{
    private readonly Sampler sampler = new();
    private float[] logits = [];
    private int?[] drawn = [];

    /// <summary>Runs a step.</summary>
    /// <returns>One token for each row that draws, in order, null where its logits are not finite; valid until the next step.</returns>
    public ReadOnlySpan<int?> Run(StepBatch batch)
    {
        var rows = batch.Rows.Where(row => row.Draws).ToList();
        var vocabulary = Forward(batch, rows.Count);
        if (drawn.Length < rows.Count)
        {
            drawn = new int?[rows.Count];
        }

        for (var r = 0; r < rows.Count; r++)
        {
            var sequence = rows[r].Sequence;
            var logits_V = logits.AsSpan(r * vocabulary, vocabulary);
            drawn[r] = sampler.Draw(logits_V, sequence.Request.Sampling, sequence.Seed, sequence.Completion);
        }

        return drawn.AsSpan(0, rows.Count);
    }

    /// <summary>Fills <see cref="logits"/> with [R, V] and returns V; nothing is drawn where R is 0.</summary>
    private int Forward(StepBatch batch, int draws)
    {
        using var scope = NewDisposeScope();
        var version = batch.Version;
        using var attention = new CachedAttention(
            version.Cache.Cache, [.. batch.Rows.Select(row => new CacheRow(row.Sequence.Slot, row.Start, row.Count))]);
        var (tokens_BT, positions_BT) = Inputs(batch, version.Model.Device);
        var hidden_BTE = version.Model.Hidden(tokens_BT, positions_BT, attention);
        if (draws == 0)
        {
            return 0;
        }

        var logits_RV = version.Model.Logits(Ends(batch, hidden_BTE)).to(ScalarType.Float32).cpu().contiguous();
        var count = (int)logits_RV.numel();
        if (logits.Length < count)
        {
            logits = new float[count];
        }

        // As bytes, in one piece: TorchSharp's own accessor copies element by element.
        MemoryMarshal.Cast<byte, float>(logits_RV.bytes).CopyTo(logits);
        return (int)logits_RV.shape[1];
    }

    /// <summary>Left-aligned and padded with token 0 at position 0, which nothing looks at.</summary>
    private static (Tensor Tokens_BT, Tensor Positions_BT) Inputs(StepBatch batch, Device device)
    {
        var tokens = new long[batch.Rows.Count * batch.Width];
        var positions = new long[tokens.Length];
        for (var b = 0; b < batch.Rows.Count; b++)
        {
            var row = batch.Rows[b];
            for (var t = 0; t < row.Count; t++)
            {
                tokens[(b * batch.Width) + t] = row.Sequence.Tokens[row.Start + t];
                positions[(b * batch.Width) + t] = row.Start + t;
            }
        }

        long[] shape = [batch.Rows.Count, batch.Width];
        return (tensor(tokens, shape, device: device), tensor(positions, shape, device: device));
    }

    /// <summary>The last token of every row that draws, [R, E].</summary>
    private static Tensor Ends(StepBatch batch, Tensor hidden_BTE)
    {
        var hidden_NE = hidden_BTE.reshape(-1, hidden_BTE.shape[2]);
        var ends = batch.Rows.Select((row, b) => (row, End: (long)((b * batch.Width) + row.Count - 1)))
            .Where(pair => pair.row.Draws).Select(pair => pair.End).ToArray();
        return ends.Length == hidden_NE.shape[0] ? hidden_NE : hidden_NE.index_select(0, tensor(ends, device: hidden_BTE.device));
    }
}
