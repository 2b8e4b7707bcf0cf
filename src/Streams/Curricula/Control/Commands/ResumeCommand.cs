namespace Orca.Streams.Curricula.Control;

/// <summary>Ends a pause.</summary>
/// <param name="What">Of which part; of all where it is not said.</param>
public sealed record ResumeCommand(PausedWork What = PausedWork.All) : CurriculumCommand
{
    internal const string Name = "resume";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) => null;

    internal override Steering ApplyTo(Steering steering) => steering with { Paused = steering.Paused & ~What };
}
