using System.Runtime.InteropServices;
using Orca.Model.Inference;
using Orca.Serving.Batching;
using Orca.Serving.Sampling;

namespace Orca.Serving.Execution;

// R rows of logits asked for, V vocabulary.

/// <summary>
/// Computes steps: has the model run a batch, hands prompts' logits to those that score, and draws tokens. Knows no queues.
/// Belongs to the engine's thread.
/// </summary>
internal sealed class ModelRunner
{
    private readonly List<InferenceRow> rows = [];
    private readonly List<int> drawRows = [];
    private float[] logits = [];
    private float[] spare = [];
    private int vocabulary;

    /// <summary>Runs a step.</summary>
    public void Run(StepBatch batch)
    {
        vocabulary = batch.Version.Model.Config.VocabularySize;
        var needed = Fill(batch) * vocabulary;
        if (logits.Length < needed)
        {
            logits = new float[needed];
        }

        batch.Version.Model.Run(batch.Version.Store.Store, CollectionsMarshal.AsSpan(rows), logits.AsSpan(0, needed));
        var next = 0;
        for (var r = 0; r < rows.Count; r++)
        {
            if (rows[r].Logits == LogitRows.All)
            {
                var own_RV = logits.AsSpan(next * vocabulary, rows[r].LogitCount * vocabulary);
                batch.Rows[r].Sample.Scores?.Take(rows[r].Start, rows[r].Tokens.Length, own_RV);
            }

            next += rows[r].LogitCount;
        }
    }

    /// <summary>Draws a sample's next token from the last step's logits; null where they are not finite.</summary>
    /// <param name="row">Index among the rows that draw.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="isShared">Whether others draw from the row too; else drawing may spoil it.</param>
    public DrawnToken? Draw(int row, Sample sample, bool isShared)
    {
        var logits_V = logits.AsSpan(drawRows[row] * vocabulary, vocabulary);
        if (!isShared)
        {
            return sample.Answer.Draw(logits_V);
        }

        if (spare.Length < vocabulary)
        {
            spare = new float[vocabulary];
        }

        logits_V.CopyTo(spare);
        return sample.Answer.Draw(spare.AsSpan(0, vocabulary));
    }

    /// <summary>Puts the batch into <see cref="rows"/>, and counts the rows of logits asked for.</summary>
    private int Fill(StepBatch batch)
    {
        rows.Clear();
        drawRows.Clear();
        var asked = 0;
        for (var r = 0; r < batch.Rows.Count; r++)
        {
            var row = batch.Rows[r];
            var wanted = row.Sample.Scores?.Wants(row.Start, row.Count) == true ? LogitRows.All
                : row.Draws ? LogitRows.Last
                : LogitRows.None;
            rows.Add(new InferenceRow(row.Tokens, row.Start, row.Sample.Table.Blocks, wanted));
            asked += rows[^1].LogitCount;
            if (row.Draws)
            {
                drawRows.Add(asked - 1);
            }
        }

        return asked;
    }
}
