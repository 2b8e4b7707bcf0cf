using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>Versions on their way out of memory, where requests that finish on them hold them. Safe to use from several threads.</summary>
internal sealed class VersionUnloads(InferenceEngine engine, VersionRegistry registry)
{
    private readonly BackgroundTasks tasks = new();

    /// <summary>Ends only when one fails, with what that threw.</summary>
    public Task Broken => tasks.Broken;

    /// <summary>Has a version leave memory when its last request has ended.</summary>
    /// <param name="version">The version; owned from here on.</param>
    /// <param name="after">What becomes of it then.</param>
    public void Start(LoadedVersion version, VersionState after) => tasks.Start(() => UnloadAsync(version, after));

    /// <summary>Returns when fewer than so many are on their way.</summary>
    public Task UntilFewerThanAsync(int count, CancellationToken cancellationToken) => tasks.UntilFewerThanAsync(count, cancellationToken);

    /// <summary>Waits for all of them.</summary>
    public Task EndAsync() => tasks.EndAsync();

    private async Task UnloadAsync(LoadedVersion version, VersionState after)
    {
        try
        {
            await engine.UnloadAsync(version.Number);
        }
        catch (GenerationException gone) when (gone.Failure is Failure.Stopping or Failure.UnknownVersion)
        {
            // The engine frees what it has, or has freed it.
        }
        catch (GenerationException kept) when (kept.Failure == Failure.VersionChanged)
        {
            return;
        }

        version.Dispose();
        if (after != VersionState.Unloaded)
        {
            registry.Enter(version.Number, after);
        }
    }
}
