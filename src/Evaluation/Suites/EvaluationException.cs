namespace Orca.Evaluation.Suites;

/// <summary>What was given to evaluate with cannot be used: one sentence that names it, and a remedy.</summary>
/// <param name="message">The sentence.</param>
/// <param name="inner">What lies below it.</param>
public sealed class EvaluationException(string message, Exception? inner = null) : Exception(message, inner);
