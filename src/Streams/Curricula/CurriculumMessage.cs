namespace Orca.Streams.Curricula;

/// <summary>What the curriculum's loop is told.</summary>
internal abstract record CurriculumMessage;

/// <summary>A trace has been accepted and stored.</summary>
/// <param name="Stage">Index of its stage.</param>
/// <param name="Place">Its place among the stage's accepted traces.</param>
/// <param name="Lesson">What it teaches.</param>
/// <param name="Release">Called once it is taken, or no longer wanted.</param>
internal sealed record OfferMessage(int Stage, long Place, Lesson Lesson, Action Release) : CurriculumMessage;

/// <summary>A stage's tasks are used up: no further trace of it will come.</summary>
internal sealed record UsedUpMessage(int Stage) : CurriculumMessage;

/// <summary>The trainer has taken lessons.</summary>
internal sealed record RoomMessage : CurriculumMessage
{
    public static RoomMessage Instance { get; } = new();
}

/// <summary>A command, and who waits for its revision.</summary>
internal sealed record CommandMessage(string Id, string Kind, string Payload, TaskCompletionSource<long> Done) : CurriculumMessage;
