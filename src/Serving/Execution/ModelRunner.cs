using System.Runtime.InteropServices;
using Orca.Model.Inference;
using Orca.Serving.Batching;
using Orca.Serving.Sampling;

namespace Orca.Serving.Execution;

// R rows that draw, V vocabulary.

/// <summary>
/// Computes steps: has the model run a batch, and draws the next tokens. Knows no queues. Belongs to the engine's thread.
/// </summary>
internal sealed class ModelRunner
{
    private readonly List<InferenceRow> rows = [];
    private float[] logits = [];
    private DrawnToken?[] drawn = [];

    /// <summary>Runs a step.</summary>
    /// <returns>One token for each row that draws, in order, null where its logits are not finite; valid until the next step.</returns>
    public ReadOnlySpan<DrawnToken?> Run(StepBatch batch)
    {
        var (draws, asked) = Fill(batch);
        var vocabulary = batch.Version.Model.Config.VocabularySize;
        if (drawn.Length < draws || logits.Length < asked * vocabulary)
        {
            (drawn, logits) = (new DrawnToken?[draws], new float[asked * vocabulary]);
        }

        var logits_RV = logits.AsSpan(0, asked * vocabulary);
        batch.Version.Model.Run(batch.Version.Cache.Store, CollectionsMarshal.AsSpan(rows), logits_RV);
        draws = 0;
        for (var b = 0; b < rows.Count; b++)
        {
            var (sequence, start, count) = batch.Rows[b];
            var own_RV = logits_RV[..(rows[b].LogitCount * vocabulary)];
            logits_RV = logits_RV[own_RV.Length..];
            if (rows[b].Logits == LogitRows.All)
            {
                sequence.PromptLogprobs?.Take(start, count, own_RV);
            }

            if (batch.Rows[b].Draws)
            {
                drawn[draws++] = sequence.Draw(own_RV[^vocabulary..]);
            }
        }

        return drawn.AsSpan(0, draws);
    }

    /// <summary>Puts the batch into <see cref="rows"/>; counts those that draw, and the rows of logits asked for.</summary>
    private (int Draws, int Asked) Fill(StepBatch batch)
    {
        rows.Clear();
        var (draws, asked) = (0, 0);
        foreach (var row in batch.Rows)
        {
            var wanted = row.Sequence.PromptLogprobs?.Wants(row.Start, row.Count) == true ? LogitRows.All
                : row.Draws ? LogitRows.Last
                : LogitRows.None;
            rows.Add(new InferenceRow(row.Tokens, row.Start, row.Sequence.Blocks, wanted));
            draws += row.Draws ? 1 : 0;
            asked += rows[^1].LogitCount;
        }

        return (draws, asked);
    }
}
