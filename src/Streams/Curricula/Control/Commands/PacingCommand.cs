using Orca.Streams.Curricula.Mixtures;

namespace Orca.Streams.Curricula.Control;

/// <summary>Sets which lessons are taught by now, by their difficulty and their length. Others wait.</summary>
/// <param name="Pacing">The pace, in place of the one before.</param>
public sealed record PacingCommand(LessonPacing Pacing) : CurriculumCommand
{
    internal const string Name = "pacing";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        Pacing is null ? "No pace is given; give a difficulty, a length, a loss or 'off'." : Pacing.Fault;

    internal override Steering ApplyTo(Steering steering) => steering with { Pacing = Pacing };
}
