namespace Orca.Streams.Curricula;

/// <summary>What the curriculum's loop is told.</summary>
internal abstract record CurriculumMessage;

/// <summary>A trace has been accepted and stored.</summary>
/// <param name="Stage">Index of its stage.</param>
/// <param name="Place">Its place among the stage's accepted traces.</param>
/// <param name="Lesson">What it teaches.</param>
/// <param name="Release">Called once it is taken, or no longer wanted.</param>
internal sealed record OfferMessage(int Stage, long Place, Lesson Lesson, Action Release) : CurriculumMessage;

/// <summary>No trace of a stage is on its way.</summary>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Supply">Whether none will ever come, or none under the mixture in force.</param>
internal sealed record SupplyMessage(int Stage, TraceSupply Supply) : CurriculumMessage;

/// <summary>The trainer has taken lessons.</summary>
internal sealed record RoomMessage : CurriculumMessage
{
    public static RoomMessage Instance { get; } = new();
}

/// <summary>A command, and who waits for its revision.</summary>
internal sealed record CommandMessage(string Id, string Kind, string Payload, TaskCompletionSource<long> Done) : CurriculumMessage;
