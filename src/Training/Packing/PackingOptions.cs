namespace Orca.Training.Packing;

/// <summary>What the packer needs to know.</summary>
/// <param name="RowLength">Tokens a row, 2 or more; also the longest lesson.</param>
/// <param name="Rows">Rows of one optimizer step, 1 or more.</param>
/// <param name="VocabularySize">Token ids run from 0 to this, exclusive.</param>
/// <param name="Lookahead">
/// Lessons that wait beside those of the step being packed, in rows' worth of tokens, 0 or more. More fills the rows better and answers
/// later to a change of the curriculum.
/// </param>
public sealed record PackingOptions(int RowLength, int Rows, int VocabularySize, int Lookahead = PackingOptions.DefaultLookahead)
{
    /// <summary>Fills 99 % and more of rows of 512 tokens with lessons of FLAN and Alpaca, and nearly all of longer ones.</summary>
    public const int DefaultLookahead = 8;

    /// <summary>Tokens that must wait before a step is packed, so that its last row still has a choice.</summary>
    public long WindowTokens => (long)RowLength * (Rows + Lookahead);
}
