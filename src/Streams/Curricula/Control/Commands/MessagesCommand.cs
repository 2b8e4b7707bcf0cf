using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula.Control;

/// <summary>Changes how often each system message is given, among questions that it fits, from the next one on.</summary>
/// <param name="Weights">Weight by the message's id, 0 or more; a message that is not named keeps its weight.</param>
public sealed record MessagesCommand(ImmutableSortedDictionary<string, double> Weights) : CurriculumCommand
{
    internal const string Name = "messages";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        Weights is not { Count: > 0 } ? "No system message is named; give one with its weight."
        : Weights.FirstOrDefault(pair => pair.Value is not (>= 0 and <= Mixture.MaxWeight)) is { Key: { } wrong }
            ? $"The weight of the system message '{wrong}' is {Weights[wrong]}; give a number from 0 to 1,000,000."
        : !known.Messages.IsEmpty && Weights.Keys.FirstOrDefault(id => !known.Messages.Contains(id)) is { } unknown
            ? $"There is no system message '{unknown}' here; there are {string.Join(", ", known.Messages)}."
        : null;

    internal override Steering ApplyTo(Steering steering) =>
        steering with { MessageWeights = steering.MessageWeights.SetItems(Weights) };
}
