namespace Orca.Streams.Curricula.Stages;

/// <summary>What came of asking the student held-out questions.</summary>
/// <param name="Step">The step whose student was asked.</param>
/// <param name="Right">Right answers.</param>
/// <param name="Asked">Questions.</param>
public readonly record struct Examined(long Step, int Right, int Asked);
