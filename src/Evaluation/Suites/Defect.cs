namespace Orca.Evaluation.Suites;

/// <summary>What is wrong with a published question.</summary>
/// <param name="What">In a few words.</param>
/// <param name="Lost">Share of it that no answerer can get right: 1 where no answer can be, one half where the same question is there twice
/// with two answers, 0 where it can be answered all the same.</param>
public sealed record Defect(string What, double Lost);
