using System.Collections.Immutable;

namespace Orca.Serving.Checkpoints;

/// <summary>How a version comes into memory.</summary>
/// <param name="InPlace">The one that answers makes room first.</param>
/// <param name="Unload">Versions kept to return to that must go first, oldest first.</param>
internal sealed record PlannedLoad(bool InPlace, ImmutableArray<long> Unload);

/// <summary>Decides, from what fits, how a version comes into memory.</summary>
internal static class MemoryPlanner
{
    // For caches, messages and what estimates miss.
    private const double Spare = 0.05;

    /// <summary>Decides.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="newBytes">Bytes of the new version's weights as they will be kept.</param>
    /// <param name="passingBytes">Bytes needed beside them only while they are loaded.</param>
    /// <param name="activeBytes">Bytes of the version that answers; null where none does.</param>
    /// <param name="kept">Versions kept to return to and their bytes, those to give up first in front.</param>
    /// <param name="availableBytes">What the machine has left.</param>
    public static PlannedLoad Plan(
        LoadingOptions options, long newBytes, long passingBytes, long? activeBytes,
        ImmutableArray<(long Version, long Bytes)> kept, long availableBytes)
    {
        if (activeBytes is null)
        {
            return new PlannedLoad(InPlace: false, []);
        }

        if (options.Plan == MemoryPlan.InPlace)
        {
            return new PlannedLoad(InPlace: true, [.. kept.Select(version => version.Version)]);
        }

        var room = availableBytes * (1 - Spare);
        var total = activeBytes.Value + newBytes + kept.Sum(version => version.Bytes);
        for (var unloaded = 0; unloaded <= kept.Length; unloaded++)
        {
            var freed = kept.Take(unloaded).Sum(version => version.Bytes);
            if (newBytes + passingBytes <= room + freed && total - freed <= (options.MaxWeightBytes ?? long.MaxValue))
            {
                return new PlannedLoad(InPlace: false, [.. kept.Take(unloaded).Select(version => version.Version)]);
            }
        }

        return new PlannedLoad(InPlace: options.Plan == MemoryPlan.Auto, [.. kept.Select(version => version.Version)]);
    }
}
