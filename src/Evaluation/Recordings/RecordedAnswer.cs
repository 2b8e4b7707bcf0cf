using Orca.Streams.Answers;

namespace Orca.Evaluation.Recordings;

/// <summary>One stored output of a model.</summary>
/// <param name="Name">Which it is, for people: its place in the file, from 0, and what made it where a file has several.</param>
/// <param name="Response">The model's text.</param>
/// <param name="Expected">What answer would be right.</param>
/// <param name="Mark">Whether it was recorded as right; null where its file does not say.</param>
public sealed record RecordedAnswer(string Name, string Response, ExpectedAnswer Expected, bool? Mark = null);
