namespace Orca.Evaluation.Judges;

/// <summary>What a judge said, as it came.</summary>
/// <param name="Text">To the last character.</param>
/// <param name="PromptTokens">Tokens of what it was given; 0 where it was not told.</param>
/// <param name="Tokens">Tokens of the review likewise.</param>
/// <param name="Cost">Its price in US dollars.</param>
/// <param name="Refusal">Why the judge's endpoint does not take the question and never will; null where it did.</param>
public sealed record Review(string Text, int PromptTokens, int Tokens, decimal Cost, string? Refusal = null);
