using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula.Control;

/// <summary>Changes the share of collections and tasks in what is asked and taught, from the next of each on.</summary>
/// <param name="Weights">
/// Weight by <c>collection</c> or <c>collection/task</c>, 0 to <see cref="Mixture.MaxWeight"/>; what is not named keeps its weight.
/// </param>
public sealed record MixtureCommand(ImmutableSortedDictionary<string, double> Weights) : CurriculumCommand
{
    internal const string Name = "mixture";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known)
    {
        if (Weights is not { Count: > 0 })
        {
            return "The mixture names nothing; give a collection with its weight, such as cot=2.";
        }

        return Mixture.FaultOf(Weights)
            ?? Weights.Keys.Select(known.FaultOf).FirstOrDefault(fault => fault is not null)
            ?? (known.LeavesAny(steering.Mixture.Merged(Weights)) ? null
                : "The mixture would give every collection the weight 0; give at least one of "
                    + $"{string.Join(", ", known.Collections)} a positive one.");
    }

    internal override Steering ApplyTo(Steering steering) => steering with { Mixture = steering.Mixture.Merged(Weights) };
}
