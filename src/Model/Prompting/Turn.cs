namespace Orca.Model.Prompting;

/// <summary>One question of a conversation and its answer.</summary>
/// <param name="User">The question.</param>
/// <param name="Assistant">What was answered.</param>
public sealed record Turn(string User, string Assistant);
