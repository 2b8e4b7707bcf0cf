namespace Orca.Evaluation.Runs;

/// <summary>How far judging is.</summary>
/// <param name="Done">Reviews there are, those of earlier starts included.</param>
/// <param name="Total">Reviews there will be.</param>
/// <param name="Unparsed">Those that do not say what they were asked for.</param>
/// <param name="Cost">Their price in US dollars.</param>
public sealed record JudgingProgress(int Done, int Total, int Unparsed, decimal Cost);
