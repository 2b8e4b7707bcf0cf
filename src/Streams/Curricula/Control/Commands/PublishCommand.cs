namespace Orca.Streams.Curricula.Control;

/// <summary>Has the trainer publish a checkpoint after the step under way.</summary>
public sealed record PublishCommand : CurriculumCommand
{
    internal const string Name = "publish";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) => null;

    internal override Steering ApplyTo(Steering steering) => steering with { PublishRequests = steering.PublishRequests + 1 };
}
