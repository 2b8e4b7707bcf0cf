using System.Collections.Immutable;

namespace Orca.Serving.Batching;

/// <summary>Which versions answer requests that ask for none, and what share of them each.</summary>
/// <param name="Shares">In percent, together 100; empty where no version answers.</param>
internal sealed record TrafficSplit(ImmutableArray<(long Version, int Percent)> Shares)
{
    // Coprime to 100: any hundred requests in a row are divided exactly, and evenly.
    private const long Stride = 61;

    /// <summary>Nothing answers.</summary>
    public static TrafficSplit None { get; } = new([]);

    /// <summary>The version with the largest share; the newest of equals. Null where none answers.</summary>
    public long? Main => Shares.IsEmpty ? null : Shares.MaxBy(share => (share.Percent, share.Version)).Version;

    /// <summary>All to one version.</summary>
    public static TrafficSplit To(long version) => new([(version, 100)]);

    /// <summary>Whether a version answers.</summary>
    public bool Includes(long version) => Shares.Any(share => share.Version == version);

    /// <summary>The version for a request; null where none that answers is new enough.</summary>
    /// <param name="order">The request's number among those that are divided.</param>
    /// <param name="minVersion">No version below this.</param>
    public long? Choose(long order, long minVersion)
    {
        var left = order * Stride % 100;
        foreach (var (version, percent) in Shares)
        {
            left -= percent;
            if (left < 0)
            {
                return version >= minVersion ? version : Newest(minVersion);
            }
        }

        return Newest(minVersion);
    }

    /// <summary>Everything wrong with the shares, in a sentence; null where nothing is.</summary>
    public string? Fault() =>
        Shares.IsDefaultOrEmpty ? "No version is named; traffic needs at least one."
        : Shares.Any(share => share.Percent is < 1 or > 100) ? "A share is not from 1 to 100 percent; leave out a version that is to get "
            + "none."
        : Shares.Select(share => share.Version).Distinct().Count() < Shares.Length ? "A version is named twice; name each once."
        : Shares.Sum(share => share.Percent) != 100 ? $"The shares sum to {Shares.Sum(share => share.Percent)} percent; they must sum to "
            + "100."
        : null;

    private long? Newest(long minVersion)
    {
        long? newest = null;
        foreach (var (version, _) in Shares)
        {
            newest = version >= minVersion && version >= (newest ?? 0) ? version : newest;
        }

        return newest;
    }
}
