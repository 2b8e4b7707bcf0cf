namespace Orca.Streams.Curricula.Control;

/// <summary>Sets how published versions are judged before they may answer callers, from the next one on.</summary>
/// <param name="Gate">What is absent keeps its value.</param>
public sealed record GateCommand(GateTuning Gate) : CurriculumCommand
{
    internal const string Name = "gate";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) => (Gate ?? GateTuning.None).Fault;

    internal override Steering ApplyTo(Steering steering) => steering with { Gate = steering.Gate.With(Gate) };
}
