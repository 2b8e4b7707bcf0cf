using Orca.Serving.Checkpoints;

namespace Orca.Serving.Batching;

/// <summary>What one step of the engine computes: some tokens of some samples of one version. Used again for every step.</summary>
internal sealed class StepBatch
{
    private readonly List<StepRow> rows = [];

    /// <summary>The version whose weights are used.</summary>
    public StudentVersion Version { get; private set; } = null!;

    /// <summary>One for each sample.</summary>
    public IReadOnlyList<StepRow> Rows => rows;

    /// <summary>Rows of one token: their samples decode.</summary>
    public int DecodeRows { get; private set; }

    /// <summary>Tokens of the others: their prompts are prefilled.</summary>
    public int PrefillTokens { get; private set; }

    /// <summary>Rows whose next token is drawn.</summary>
    public int Draws { get; private set; }

    /// <summary>Empties it for a step of a version.</summary>
    public void Begin(StudentVersion version)
    {
        rows.Clear();
        (Version, DecodeRows, PrefillTokens, Draws) = (version, 0, 0, 0);
    }

    /// <summary>Adds some of a sample's next tokens.</summary>
    public void Add(Sample sample, int count, bool isPrefill)
    {
        var row = new StepRow(sample, sample.Cached, count, isPrefill, count == sample.Remaining && !sample.Sequence.OnlyScores);
        rows.Add(row);
        DecodeRows += isPrefill ? 0 : 1;
        PrefillTokens += isPrefill ? count : 0;
        Draws += row.Draws ? 1 : 0;
    }
}

/// <summary>One sample's share of a step.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Start">Position of its first token in this step.</param>
/// <param name="Count">Its tokens in this step.</param>
/// <param name="IsPrefill">Whether it had more than one token to go.</param>
/// <param name="Draws">Whether the sample is complete up to here, so that its next token can be drawn.</param>
internal readonly record struct StepRow(Sample Sample, int Start, int Count, bool IsPrefill, bool Draws)
{
    /// <summary>Its tokens in this step.</summary>
    public ReadOnlyMemory<int> Tokens => Sample.Tokens.Slice(Start, Count);
}
