using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

/// <summary>Which questions a <see cref="TaskSampler"/> gives.</summary>
public sealed record SamplerOptions
{
    /// <summary>Another seed gives another order.</summary>
    public long Seed { get; init; }

    /// <summary>Questions that are drawn and never given, such as those held out.</summary>
    public Predicate<TaskQuery> IsLeftOut { get; init; } = _ => false;

    /// <summary>
    /// Questions that a collection gives in a pass, as Table 3 of the Orca paper has them; a collection that is not named gives all.
    /// </summary>
    public ImmutableSortedDictionary<string, long> Quotas { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
}
