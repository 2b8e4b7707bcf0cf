using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orca.Protocol.Model.V1;

namespace Orca.Serving.Hosting;

/// <summary>
/// What health checks are told, on gRPC and on HTTP: for the server as a whole, for each service, and for each version. Safe to
/// use from several threads.
/// </summary>
internal sealed class HealthBoard(HealthServiceImpl health) : IHealthCheck
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, bool> ready = [];
    private readonly HashSet<long> failing = [];
    private long? active;
    private bool drains;

    /// <summary>The version that most requests go to; null where none answers, or the engine has ended.</summary>
    public void SetActive(long? version) => Change(() => active = version);

    /// <summary>Whether new requests are refused until those in flight have ended.</summary>
    public void SetDraining(bool value) => Change(() => drains = value);

    /// <summary>Whether steps of a version keep failing.</summary>
    public void SetFailing(long version, bool value) => Change(() => _ = value ? failing.Add(version) : failing.Remove(version));

    /// <summary>Whether a version could answer; null: it is no longer there.</summary>
    public void SetVersion(long version, bool? isReady) => Change(() =>
    {
        if (isReady is { } value)
        {
            ready[version] = value;
        }
        else if (ready.Remove(version))
        {
            failing.Remove(version);
            health.ClearStatus(NameOf(version));
        }
    });

    Task<HealthCheckResult> IHealthCheck.CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(Serves ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        }
    }

    private bool Serves => active is { } version && !failing.Contains(version) && !drains;

    private void Change(Action change)
    {
        lock (gate)
        {
            change();
            foreach (var service in ServingServices.ServiceNames.Prepend(""))
            {
                health.SetStatus(service, StatusOf(Serves));
            }

            foreach (var (version, isReady) in ready)
            {
                health.SetStatus(NameOf(version), StatusOf(isReady && !failing.Contains(version)));
            }
        }
    }

    private static string NameOf(long version) => $"{ModelService.Descriptor.FullName}/{version}";

    private static HealthCheckResponse.Types.ServingStatus StatusOf(bool serves) =>
        serves ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing;
}
