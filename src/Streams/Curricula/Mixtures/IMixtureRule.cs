using System.Collections.Immutable;

namespace Orca.Streams.Curricula.Mixtures;

/// <summary>
/// A policy's share of each arm, beside the weights that settings and commands give. A function of what is known, without memory.
/// </summary>
internal interface IMixtureRule
{
    /// <summary>Factor of an arm's weight, 0 or more; only the ratios matter.</summary>
    double FactorOf(MixtureArm arm, MixtureView view);
}

/// <summary>What a policy shares lessons out among: a collection, or a task of one.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Task">The task; null for the collection as a whole.</param>
internal readonly record struct MixtureArm(string Collection, string? Task);

/// <summary>What policies look at.</summary>
/// <param name="Sizes">Questions of each collection; one that is not named has no end.</param>
/// <param name="Gains">What the student has gained by arm.</param>
internal sealed record MixtureView(ImmutableSortedDictionary<string, long> Sizes, GainRecord Gains);
