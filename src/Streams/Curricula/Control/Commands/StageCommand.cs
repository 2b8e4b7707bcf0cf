namespace Orca.Streams.Curricula.Control;

/// <summary>Goes on to a later stage at once; what the stage before has collected and not taught stays in the store.</summary>
/// <param name="Stage">The stage's name.</param>
public sealed record StageCommand(string Stage) : CurriculumCommand
{
    internal const string Name = "stage";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known)
    {
        var (asked, current) = (known.Stages.IndexOf(Stage), known.Stages.IndexOf(known.Stage));
        return asked < 0 ? $"There is no stage '{Stage}' here; there are {string.Join(", ", known.Stages)}."
            : asked < current ? $"The stage '{Stage}' is over, '{known.Stage}' is taught; give one that comes after it."
            : asked == current ? $"The stage '{Stage}' is taught already."
            : null;
    }

    internal override Steering ApplyTo(Steering steering) => steering with { StageAsked = Stage };
}
