using System.Text.Json.Serialization;

namespace Orca.Streams.Curricula.Control;

/// <summary>
/// Holds up a part of the run until <see cref="ResumeCommand"/>, also across a restart. What teachers were asked before still arrives, is
/// stored, and is taught unless training is held up too.
/// </summary>
/// <param name="What">Which part; collecting where it is not said.</param>
public sealed record PauseCommand(PausedWork What = PausedWork.Collecting) : CurriculumCommand
{
    internal const string Name = "pause";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) => null;

    internal override Steering ApplyTo(Steering steering) => steering with { Paused = steering.Paused | What };
}

/// <summary>Parts of a run that can be held up.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<PausedWork>))]
public enum PausedWork
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>No further question is put to a teacher, and no lesson is taught again.</summary>
    Collecting = 1,

    /// <summary>No lesson is given to the trainer.</summary>
    Training = 2,

    /// <summary>Both.</summary>
    All = Collecting | Training,
}
