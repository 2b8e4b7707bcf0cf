using System.Collections.Immutable;

namespace Orca.Streams.Answers;

/// <summary>What answer of a question would be right.</summary>
/// <param name="Kind">How it is found in a response and compared.</param>
/// <param name="Gold">Answers that count as right; empty where none is known.</param>
/// <param name="Prompt">The question's text, which may list options.</param>
public sealed record ExpectedAnswer(AnswerKind Kind, ImmutableArray<string> Gold, string Prompt);
