using System.Collections.Immutable;
using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Which versions are in memory, which of them answer, and which go first when there are too many. Changed by one at a time, read by
/// anyone.
/// </summary>
internal sealed class LoadedVersions(VersionRegistry registry)
{
    private volatile ImmutableList<LoadedVersion> all = [];
    private volatile LoadedVersion? active;
    private volatile Division traffic = new([]);
    private long uses;

    /// <summary>All of them, those whose last request has not ended yet left out.</summary>
    public ImmutableList<LoadedVersion> All => all;

    /// <summary>The version that most new requests go to; null where none answers.</summary>
    public LoadedVersion? Active => active;

    /// <summary>How new requests are divided; empty where none answers.</summary>
    public ImmutableArray<(long Version, int Percent)> Traffic => traffic.Shares;

    /// <summary>Folder of the version that answered before the one that took its place in memory; null where none did.</summary>
    public string? Replaced { get; set; }

    /// <summary>Versions that are kept to return to, those to give up first in front.</summary>
    public ImmutableArray<LoadedVersion> Kept => [.. all.Where(version => !Answers(version)).OrderBy(version => version.LastUse)];

    /// <summary>Whether new requests go to a version.</summary>
    public bool Answers(LoadedVersion version) => Traffic.Any(share => share.Version == version.Number);

    public void Add(LoadedVersion version)
    {
        version.LastUse = ++uses;
        all = all.Add(version);
    }

    public void Remove(LoadedVersion version) => all = all.Remove(version);

    /// <summary>No version answers.</summary>
    public void Clear()
    {
        active = null;
        Divide([]);
    }

    /// <summary>All new requests go to a version.</summary>
    public void Activate(LoadedVersion version)
    {
        version.LastUse = ++uses;
        active = version;
        Divide([(version.Number, 100)]);
    }

    /// <summary>New requests go to several; most to <paramref name="main"/>.</summary>
    public void Divide(LoadedVersion main, ImmutableArray<(long Version, int Percent)> shares)
    {
        main.LastUse = main == active ? main.LastUse : ++uses;
        active = main;
        Divide(shares);
    }

    /// <summary>
    /// What to give up so that at most so many stay: those that answer stay, and <paramref name="newcomer"/>, and of the others those
    /// used last.
    /// </summary>
    public IEnumerable<LoadedVersion> Surplus(LoadedVersion newcomer, int keep) =>
        Kept.Remove(newcomer).Take(Math.Max(0, all.Count - keep));

    /// <summary>A version by its number.</summary>
    /// <exception cref="GenerationException">It is unknown or not loaded.</exception>
    public LoadedVersion Find(long number) => all.Find(version => version.Number == number) ?? throw (registry.Find(number) is { } record
        ? new GenerationException(
            Failure.VersionNotReady,
            $"Version {number} is not loaded, it is {record.State}; load its checkpoint again.")
        { Subject = $"{number}" }
        : new GenerationException(Failure.UnknownVersion, $"There is no version {number}.") { Subject = $"{number}" });

    /// <summary>A version by its number, as it was read before.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="etag">Its <see cref="VersionRecord.ETag"/> as last read; null is not compared.</param>
    /// <exception cref="GenerationException">It is unknown or not loaded, or has changed since.</exception>
    public LoadedVersion Find(long number, string? etag)
    {
        var version = Find(number);
        var found = registry.Find(number)?.ETag;
        return etag is null || etag == found ? version : throw new GenerationException(
            Failure.VersionChanged,
            $"Version {number}, or which version answers, has changed since it was read: its etag is '{found}', not '{etag}'; read it "
                + "again.")
        {
            Subject = $"{number}",
        };
    }

    private void Divide(ImmutableArray<(long Version, int Percent)> shares)
    {
        traffic = new Division(shares);
        registry.Divide(shares.ToDictionary(share => share.Version, share => share.Percent));
    }

    private sealed record Division(ImmutableArray<(long Version, int Percent)> Shares);
}
