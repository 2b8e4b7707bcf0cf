using System.Runtime.InteropServices;
using Orca.Model.Inference;
using Orca.Serving.Batching;

namespace Orca.Serving.Execution;

// R rows that draw, V vocabulary.

/// <summary>
/// Computes steps: has the model run a batch, and draws the next tokens. Knows no queues. Belongs to the engine's thread.
/// </summary>
internal sealed class ModelRunner
{
    private readonly Sampler sampler = new();
    private readonly List<InferenceRow> rows = [];
    private float[] logits = [];
    private int?[] drawn = [];

    /// <summary>Runs a step.</summary>
    /// <returns>One token for each row that draws, in order, null where its logits are not finite; valid until the next step.</returns>
    public ReadOnlySpan<int?> Run(StepBatch batch)
    {
        var draws = Fill(batch);
        var vocabulary = batch.Version.Model.Config.VocabularySize;
        if (drawn.Length < draws || logits.Length < draws * vocabulary)
        {
            (drawn, logits) = (new int?[draws], new float[draws * vocabulary]);
        }

        batch.Version.Model.Run(batch.Version.Cache.Store, CollectionsMarshal.AsSpan(rows), logits.AsSpan(0, draws * vocabulary));
        var r = 0;
        foreach (var row in batch.Rows)
        {
            if (row.Draws)
            {
                var sequence = row.Sequence;
                drawn[r] = sampler.Draw(logits.AsSpan(r++ * vocabulary, vocabulary), sequence.Request.Sampling, sequence.Seed, sequence.Completion);
            }
        }

        return drawn.AsSpan(0, draws);
    }

    /// <summary>Puts the batch into <see cref="rows"/>, and counts those that draw.</summary>
    private int Fill(StepBatch batch)
    {
        rows.Clear();
        var draws = 0;
        foreach (var row in batch.Rows)
        {
            rows.Add(new InferenceRow(row.Tokens, row.Start, row.Sequence.Blocks, row.Draws ? LogitRows.Last : LogitRows.None));
            draws += row.Draws ? 1 : 0;
        }

        return draws;
    }
}
