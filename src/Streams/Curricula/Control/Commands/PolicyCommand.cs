using Orca.Streams.Curricula.Mixtures;

namespace Orca.Streams.Curricula.Control;

/// <summary>Sets what decides the shares of collections and tasks; the mixture's weights are factors of whatever it decides.</summary>
/// <param name="Policy">The policy.</param>
public sealed record PolicyCommand(MixturePolicy Policy) : CurriculumCommand
{
    internal const string Name = "policy";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        Policy is null ? "No policy is named; give one of fixed, proportional, temperature or adaptive." : Policy.Fault;

    internal override Steering ApplyTo(Steering steering) => steering with { Policy = Policy };
}
