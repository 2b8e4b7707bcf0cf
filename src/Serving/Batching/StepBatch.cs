using Orca.Serving.Checkpoints;

namespace Orca.Serving.Batching;

/// <summary>What one step of the engine computes: some tokens of some sequences of one version.</summary>
/// <param name="Version">The version whose weights are used.</param>
/// <param name="Rows">At least one.</param>
internal sealed record StepBatch(StudentVersion Version, IReadOnlyList<StepRow> Rows)
{
    /// <summary>Tokens of prompts among them.</summary>
    public int PromptTokens => Rows.Sum(row => Math.Clamp(row.Sequence.Prompt.Length - row.Start, 0, row.Count));
}

/// <summary>One sequence's share of a step.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Start">Position of its first token in this step.</param>
/// <param name="Count">Its tokens in this step.</param>
internal readonly record struct StepRow(Sequence Sequence, int Start, int Count)
{
    /// <summary>Whether the sequence is complete up to here, so that its next token can be drawn.</summary>
    public bool Draws => Start + Count == Sequence.Tokens.Length && !Sequence.OnlyScores;

    /// <summary>Its tokens in this step.</summary>
    public ReadOnlyMemory<int> Tokens => Sequence.Tokens.Slice(Start, Count);
}
