using Orca.Serving.Checkpoints;

namespace Orca.Serving.Batching;

/// <summary>The sequences that run on one version: those that decode share one step, those with a prompt to prefill another.</summary>
internal sealed class Lane(StudentVersion version)
{
    /// <summary>The version.</summary>
    public StudentVersion Version { get; } = version;

    /// <summary>Its sequences, in the order they came.</summary>
    public List<Sequence> Running { get; } = [];

    /// <summary>Turn at which it last prefilled, and last decoded.</summary>
    public (long Prefill, long Decode) LastTurn { get; set; }

    /// <summary>Whether a prompt waits to be prefilled.</summary>
    public bool Prefills => Running.Exists(sequence => sequence.Remaining > 1);

    /// <summary>Whether a sequence waits for its next token.</summary>
    public bool Decodes => Running.Exists(sequence => sequence.Remaining == 1);

    /// <summary>One token of every sequence that decodes, by slot: neighbours are read in place.</summary>
    public StepBatch DecodeStep() =>
        new(Version, [.. from sequence in Running where sequence.Remaining == 1 orderby sequence.Slot select new StepRow(sequence, sequence.Cached, 1)]);

    /// <summary>The next chunk of the prompts that came first, as many as fit, padding included.</summary>
    /// <param name="maxTokens">Tokens of the step, padding included.</param>
    public StepBatch PrefillStep(int maxTokens)
    {
        var rows = new List<StepRow>();
        var width = 0;
        foreach (var sequence in Running.Where(sequence => sequence.Remaining > 1))
        {
            var count = Math.Min(sequence.NextChunk, maxTokens);
            if (rows.Count > 0 && Math.Max(width, count) * (rows.Count + 1) > maxTokens)
            {
                break;
            }

            width = Math.Max(width, count);
            rows.Add(new StepRow(sequence, sequence.Cached, count));
        }

        return new StepBatch(Version, rows);
    }
}
