using Orca.Streams.Curricula.Replay;

namespace Orca.Streams.Curricula.Control;

/// <summary>Sets how often lessons are taught again.</summary>
/// <param name="Replay">What is absent keeps its value.</param>
public sealed record ReplayCommand(ReplayTuning Replay) : CurriculumCommand
{
    internal const string Name = "replay";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        Replay is null ? "Nothing of the replay is set; give its ratio, its reuses or both." : Replay.Fault;

    internal override Steering ApplyTo(Steering steering) => steering with { Replay = steering.Replay.With(Replay) };
}
