using Grpc.Health.V1;
using Grpc.HealthCheck;
using Orca.Protocol.Model.V1;

namespace Orca.Serving.Hosting;

/// <summary>What health checks are told: for the server as a whole, for each service, and for each version.</summary>
internal sealed class HealthBoard(HealthServiceImpl health)
{
    private readonly Lock gate = new();
    private bool answers;
    private bool drains;

    /// <summary>Whether there is an engine with a version that answers.</summary>
    public void SetAnswers(bool value)
    {
        lock (gate)
        {
            answers = value;
            Report();
        }
    }

    /// <summary>Whether new requests are refused until those in flight have ended.</summary>
    public void SetDraining(bool value)
    {
        lock (gate)
        {
            drains = value;
            Report();
        }
    }

    /// <summary>Whether a version could answer; null: it is no longer there.</summary>
    public void SetVersion(long version, bool? isReady)
    {
        var name = $"{ModelService.Descriptor.FullName}/{version}";
        if (isReady is { } ready)
        {
            health.SetStatus(name, StatusOf(ready));
        }
        else
        {
            health.ClearStatus(name);
        }
    }

    private void Report()
    {
        foreach (var service in ServingServices.ServiceNames.Prepend(""))
        {
            health.SetStatus(service, StatusOf(answers && !drains));
        }
    }

    private static HealthCheckResponse.Types.ServingStatus StatusOf(bool serves) =>
        serves ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing;
}
