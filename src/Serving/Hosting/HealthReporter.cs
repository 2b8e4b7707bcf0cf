using Microsoft.Extensions.Hosting;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;

namespace Orca.Serving.Hosting;

/// <summary>
/// Reports NOT_SERVING until the first version answers, SERVING from then on, and NOT_SERVING again when the server
/// begins to stop or its engine has ended; and of each version whether it could answer.
/// </summary>
internal sealed class HealthReporter(HealthBoard board, VersionRegistry versions, InferenceEngine engine, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        board.SetActive(null);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var watching = WatchAsync(ending.Token);
        await Task.WhenAny(engine.Completion, watching);
        await ending.CancelAsync();
        await watching;
        board.SetActive(null);
    }

    private async Task WatchAsync(CancellationToken end)
    {
        try
        {
            await foreach (var record in versions.WatchAsync(0, end))
            {
                board.SetVersion(record.Number, record.State switch
                {
                    VersionState.Unloaded or VersionState.Rejected => null,
                    VersionState.Active or VersionState.Ready => true,
                    _ => false,
                });
                board.SetActive(versions.Active?.Number);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
