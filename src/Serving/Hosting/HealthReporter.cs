using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Hosting;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;

namespace Orca.Serving.Hosting;

/// <summary>
/// Reports NOT_SERVING until the first version answers, SERVING from then on, and NOT_SERVING again when the server
/// begins to stop or its engine has ended.
/// </summary>
internal sealed class HealthReporter(
    HealthServiceImpl health, VersionRegistry versions, InferenceEngine engine, IHostApplicationLifetime lifetime) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Report(HealthCheckResponse.Types.ServingStatus.NotServing);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var record in versions.WatchAsync(0, ending.Token))
            {
                if (record.State == VersionState.Active)
                {
                    Report(HealthCheckResponse.Types.ServingStatus.Serving);
                    break;
                }
            }

            await engine.Completion.WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The server stops: said below.
        }

        Report(HealthCheckResponse.Types.ServingStatus.NotServing);
    }

    private void Report(HealthCheckResponse.Types.ServingStatus status)
    {
        foreach (var service in ServingServices.ServiceNames.Prepend(""))
        {
            health.SetStatus(service, status);
        }
    }
}
