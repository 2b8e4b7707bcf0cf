namespace Orca.Streams.Curricula.Control;

/// <summary>Changes the learning rate from the next step on.</summary>
/// <param name="Rate">What is absent keeps its value.</param>
public sealed record RateCommand(RateTuning Rate) : CurriculumCommand
{
    internal const string Name = "rate";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        !known.IsTrained ? "No student is trained in this process, so there is no learning rate; send this to the one that trains."
        : (Rate ?? RateTuning.None).Fault;

    internal override Steering ApplyTo(Steering steering) => steering with
    {
        Rate = steering.Rate.With(Rate),
        ScheduleRestarts = steering.ScheduleRestarts + (Rate.Restart ? 1 : 0),
    };
}
