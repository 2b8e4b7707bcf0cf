namespace Orca.Streams.Curricula.Control;

/// <summary>What became of a command: it is kept, and from where on it acts.</summary>
/// <param name="Revision">Revision that it made.</param>
/// <param name="FirstLesson">Number of the first lesson that is chosen under it.</param>
/// <param name="FirstDraw">
/// Number of the first question that is drawn under it; 0, as the lesson's, where an earlier version kept it.
/// </param>
/// <param name="FirstStep">The first step that it acts on; null where no student is trained here or that was not written in time.</param>
public sealed record CommandReceipt(long Revision, long FirstLesson, long FirstDraw, long? FirstStep);
