using System.Collections.Immutable;

namespace Orca.Serving.Checkpoints;

/// <summary>Looks after versions that have begun to answer, and says when one should not go on.</summary>
/// <param name="options">When that is.</param>
/// <param name="giveUp">Called with the version and the reason.</param>
internal sealed class VersionWatch(TripwireOptions options, Func<LoadedVersion, string, Task> giveUp) : IAsyncDisposable
{
    private readonly BackgroundTasks watches = new();
    private readonly CancellationTokenSource end = new();

    /// <summary>Ends only when a watch fails, with what that threw.</summary>
    public Task Broken => watches.Broken;

    /// <summary>Compares what a version does with one that has answered before.</summary>
    /// <param name="version">The version.</param>
    /// <param name="start">What it had done before requests came to it.</param>
    /// <param name="before">The one before it.</param>
    public void Begin(LoadedVersion version, ImmutableDictionary<string, VitalCounts> start, LoadedVersion before)
    {
        if (options.Enabled && version != before)
        {
            version.Vitals.Begin(start, before.Vitals.CountsOfCallers, options);
            watches.Start(() => WatchAsync(version));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watches.EndAsync();
        end.Dispose();
    }

    private async Task WatchAsync(LoadedVersion version)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(version.Gone, end.Token);
        var tripped = version.Vitals.Tripped;
        await Task.WhenAny(tripped, Task.Delay(Timeout.Infinite, over.Token));
        if (tripped.IsCompletedSuccessfully)
        {
            await giveUp(version, await tripped);
        }
    }
}
