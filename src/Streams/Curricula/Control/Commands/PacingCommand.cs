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
        Pacing is null ? "No pace is given; give a difficulty, a length, a loss, an accuracy or 'off'."
        : Pacing.NextAtAccuracy is not null && !known.AsksStudent
            ? "The pace goes by what the student answers before teachers do, and it is not asked here (curriculum.askStudentFirst); give a "
                + "loss instead."
        : Pacing.Fault;

    internal override Steering ApplyTo(Steering steering) => steering with { Pacing = Pacing };
}
