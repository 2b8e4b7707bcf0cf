using Orca.Streams.Bus;

namespace Orca.Streams.Curricula;

/// <summary>What the curriculum's loop is told.</summary>
internal abstract record CurriculumMessage;

/// <summary>Those who collect have said something.</summary>
internal sealed record NewsMessage(TraceNews News) : CurriculumMessage;

/// <summary>The trainer has taken lessons.</summary>
internal sealed record RoomMessage : CurriculumMessage
{
    public static RoomMessage Instance { get; } = new();
}

/// <summary>A command, and who waits for its revision.</summary>
internal sealed record CommandMessage(string Id, string Kind, string Payload, TaskCompletionSource<long> Done) : CurriculumMessage;
