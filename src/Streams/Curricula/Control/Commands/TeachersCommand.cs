using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Control;

/// <summary>Sets which teachers are asked, how fast and for how much, from the next call on.</summary>
/// <param name="Teachers">What is absent keeps its value.</param>
public sealed record TeachersCommand(TeacherTuning Teachers) : CurriculumCommand
{
    internal const string Name = "teachers";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        Teachers is null ? "Nothing of the teachers is set; name an endpoint or give a budget." : Teachers.FaultAmong(known.Endpoints);

    internal override Steering ApplyTo(Steering steering) => steering with { Teachers = steering.Teachers.With(Teachers) };
}
