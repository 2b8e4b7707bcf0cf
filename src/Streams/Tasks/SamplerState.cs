using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

/// <summary>How far a <see cref="TaskSampler"/> has come: enough to go on in a later run with the very next question.</summary>
/// <param name="Random">State of its random generator.</param>
/// <param name="Sources">Every source's position.</param>
public sealed record SamplerState(ulong Random, ImmutableArray<SourcePosition> Sources)
{
    /// <summary>Questions that each collection with a quota has given in this pass.</summary>
    public ImmutableSortedDictionary<string, long> Given { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Share of the questions that this pass gives, 0 to 1.</summary>
    public double Share { get; init; } = 1;
}

/// <summary>
/// Where the sampler is in one source. A pass goes from <paramref name="Start"/> to the end and, wrapped, from the beginning to the
/// start.
/// </summary>
/// <param name="Source">The source's name.</param>
/// <param name="Position">Questions from the source's beginning to the next one.</param>
/// <param name="Start">Where this pass began.</param>
/// <param name="Wrapped">Whether it has gone over the end.</param>
/// <param name="Done">Whether every question has been drawn in this pass.</param>
/// <param name="Fingerprint">The source's; null where it has none, or an earlier version of the program wrote it.</param>
public sealed record SourcePosition(string Source, long Position, long Start, bool Wrapped, bool Done, string? Fingerprint = null);
