using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Serving.Observability;

/// <summary>
/// Takes what is measured out of the process: metrics for Prometheus at <see cref="MetricsPath"/>, and metrics and traces
/// by OTLP where a collector is named.
/// </summary>
public static class TelemetryServices
{
    /// <summary>Where Prometheus reads the metrics, on the HTTP port.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>The variable by which OpenTelemetry's own tools name a collector; with it go all the others of the specification.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds the export of a server's metrics and traces.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="metrics">The server's instruments: those of other servers in this process are left out, those of teachers not.</param>
    /// <param name="collector">
    /// Base address of a collector that takes OTLP over HTTP, such as <c>http://127.0.0.1:4318</c>; null: the one that
    /// <see cref="EndpointVariable"/> names, none where it is not set.
    /// </param>
    public static IServiceCollection AddOrcaTelemetry(this IServiceCollection services, ServingMetrics metrics, Uri? collector)
    {
        var exports = collector is not null || Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 };
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("orca"))
            .WithMetrics(builder =>
            {
                builder.AddMeter(ServingMetrics.Name, TeacherEndpoint.TelemetryName)
                    .AddView(instrument => instrument.Meter == metrics.Meter || instrument.Meter.Name == TeacherEndpoint.TelemetryName
                        ? null
                        : MetricStreamConfiguration.Drop)
                    .AddPrometheusExporter();
                if (exports)
                {
                    builder.AddOtlpExporter(options => Address(options, collector, "v1/metrics"));
                }
            });
        if (exports)
        {
            // ASP.NET Core's own span takes over the caller's traceparent, of gRPC as of HTTP.
            telemetry.WithTracing(builder => builder
                .AddSource(ServingMetrics.Name)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => context.Request.Path != MetricsPath)
                .AddOtlpExporter(options => Address(options, collector, "v1/traces")));
        }

        services.AddHostedService<BandwidthMeasurement>();
        return services;
    }

    /// <summary>Maps <see cref="MetricsPath"/>.</summary>
    public static IEndpointConventionBuilder MapOrcaMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint(MetricsPath);

    private static void Address(OtlpExporterOptions options, Uri? collector, string path)
    {
        if (collector is not null)
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.Endpoint = new Uri(collector.AbsoluteUri.TrimEnd('/') + "/" + path);
        }
    }
}
