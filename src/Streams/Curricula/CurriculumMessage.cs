using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Streams.Curricula;

/// <summary>What the curriculum's loop is told.</summary>
internal abstract record CurriculumMessage;

/// <summary>Those who collect have said something.</summary>
internal sealed record NewsMessage(TraceNews News) : CurriculumMessage;

/// <summary>A command, and who waits for its receipt.</summary>
internal sealed record CommandMessage(CommandEnvelope Envelope, TaskCompletionSource<CommandReceipt> Done) : CurriculumMessage;

/// <summary>The trainer wants one lesson more.</summary>
internal sealed record WantedMessage : CurriculumMessage
{
    public static WantedMessage Instance { get; } = new();
}

/// <summary>The trainer takes lessons for a step.</summary>
internal sealed record FillMessage(long Step) : CurriculumMessage;

/// <summary>A step has its lessons; the trainer waits for what commands have decided of it.</summary>
internal sealed record FilledMessage(long Step, TaskCompletionSource<StepOrders> Done) : CurriculumMessage;

/// <summary>A checkpoint is written; the trainer waits until the lessons that it has taken are in the log.</summary>
internal sealed record LogMessage(TaskCompletionSource<bool> Done) : CurriculumMessage;

/// <summary>A step was made; the trainer waits until that is known.</summary>
internal sealed record MadeMessage(StepResult Result, TaskCompletionSource<bool> Done) : CurriculumMessage;

/// <summary>The student was rolled back; the trainer waits until the lessons are too.</summary>
internal sealed record RolledBackMessage(RollBackOrder Order, CurriculumState State, TaskCompletionSource<bool> Done) : CurriculumMessage;

/// <summary>An order to roll back cannot be carried out; the trainer waits until that is known.</summary>
internal sealed record RefusedMessage(RollBackOrder Order, TaskCompletionSource<bool> Done) : CurriculumMessage;

/// <summary>The student's accuracy on held-out questions was taken.</summary>
internal sealed record ExaminedMessage(Stages.Examined Examined) : CurriculumMessage;
