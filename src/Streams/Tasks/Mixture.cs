using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

/// <summary>
/// How often each collection, and within it each task, is drawn from and taught. Only the ratios matter; what is not named weighs 1.
/// </summary>
public sealed record Mixture
{
    /// <summary>Largest weight: sums stay finite, and small weights count beside it.</summary>
    public const double MaxWeight = 1e6;

    /// <summary>Every collection alike.</summary>
    public static Mixture Even { get; } = new();

    /// <summary>Weights by <c>collection</c> or <c>collection/task</c>, 0 or more.</summary>
    public ImmutableSortedDictionary<string, double> Weights
    {
        get;
        init => field = value.WithComparers(StringComparer.Ordinal);
    } = ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>The mixture with these weights.</summary>
    /// <exception cref="ArgumentException">A weight is not within 0 and <see cref="MaxWeight"/>.</exception>
    public static Mixture Of(IEnumerable<KeyValuePair<string, double>> weights) => Even.With(weights);

    /// <summary>Weight of one collection.</summary>
    public double WeightOf(string collection) => Weights.GetValueOrDefault(collection, 1);

    /// <summary>Weight of one task among those of its collection.</summary>
    public double WeightOf(string collection, string task) => Weights.GetValueOrDefault(NameOf(collection, task), 1);

    /// <summary>A task's name in a mixture.</summary>
    public static string NameOf(string collection, string task) => $"{collection}/{task}";

    /// <summary>This mixture with some weights replaced; collections not named keep theirs.</summary>
    /// <exception cref="ArgumentException">A weight is not within 0 and <see cref="MaxWeight"/>.</exception>
    public Mixture With(IEnumerable<KeyValuePair<string, double>> weights)
    {
        var merged = Merged(weights);
        return FaultOf(merged.Weights) is { } fault ? throw new ArgumentException(fault) : merged;
    }

    /// <summary>What is wrong with weights, one sentence; null where nothing is.</summary>
    internal static string? FaultOf(IEnumerable<KeyValuePair<string, double>> weights) =>
        weights.FirstOrDefault(pair => pair.Value is not (>= 0 and <= MaxWeight)) is { Key: { } wrong } found
            ? $"The mixture's weight of '{wrong}' is {found.Value}; give a number from 0 to 1,000,000."
            : null;

    /// <summary>As <see cref="With"/>, whatever the weights.</summary>
    internal Mixture Merged(IEnumerable<KeyValuePair<string, double>> weights) => this with { Weights = Weights.SetItems(weights) };

    /// <inheritdoc/>
    public bool Equals(Mixture? other) => other is not null && Weights.SequenceEqual(other.Weights);

    /// <inheritdoc/>
    public override int GetHashCode() => Weights.Aggregate(0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));

    /// <inheritdoc/>
    public override string ToString() =>
        Weights.IsEmpty ? "even" : string.Join(' ', Weights.Select(pair => FormattableString.Invariant($"{pair.Key}={pair.Value}")));
}
