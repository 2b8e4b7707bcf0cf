using System.Text.Json.Serialization;

namespace Orca.Streams.Curricula.Control;

/// <summary>
/// Something that a caller has the curriculum change. The set is closed: each kind is one of the records beside this one.
/// </summary>
/// <remarks>
/// Both functions are pure and are called by the curriculum's loop alone, one command after another: so two that are right by themselves
/// cannot together make something that is not.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(PauseCommand), PauseCommand.Name)]
[JsonDerivedType(typeof(ResumeCommand), ResumeCommand.Name)]
[JsonDerivedType(typeof(StageCommand), StageCommand.Name)]
[JsonDerivedType(typeof(MixtureCommand), MixtureCommand.Name)]
[JsonDerivedType(typeof(PolicyCommand), PolicyCommand.Name)]
[JsonDerivedType(typeof(PacingCommand), PacingCommand.Name)]
[JsonDerivedType(typeof(ReplayCommand), ReplayCommand.Name)]
[JsonDerivedType(typeof(MessagesCommand), MessagesCommand.Name)]
[JsonDerivedType(typeof(ScreensCommand), ScreensCommand.Name)]
[JsonDerivedType(typeof(TeachersCommand), TeachersCommand.Name)]
[JsonDerivedType(typeof(GateCommand), GateCommand.Name)]
[JsonDerivedType(typeof(RateCommand), RateCommand.Name)]
[JsonDerivedType(typeof(PublishCommand), PublishCommand.Name)]
[JsonDerivedType(typeof(RollBackCommand), RollBackCommand.Name)]
public abstract record CurriculumCommand
{
    private protected CurriculumCommand()
    {
    }

    /// <summary>The name of its kind, as it is journaled and written in JSON.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>What is wrong with it now, one sentence with a remedy; null where nothing is.</summary>
    /// <param name="steering">What commands before it have decided.</param>
    /// <param name="known">What the run has that can be steered.</param>
    internal abstract string? FaultIn(Steering steering, Steerable known);

    /// <summary>What is decided with it.</summary>
    internal abstract Steering ApplyTo(Steering steering);
}
