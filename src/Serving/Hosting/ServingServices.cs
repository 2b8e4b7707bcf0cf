using System.IO.Compression;
using Grpc.HealthCheck;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Curriculum.V1;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Grpc;
using Orca.Serving.Observability;
using Orca.Serving.OpenAi;
using Orca.Serving.Security;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Hosting;

/// <summary>Puts a student on gRPC in any web application.</summary>
public static class ServingServices
{
    /// <summary>Names under which health is reported beside the empty one.</summary>
    internal static IReadOnlyList<string> ServiceNames { get; } =
        [InferenceService.Descriptor.FullName, ModelService.Descriptor.FullName, CurriculumService.Descriptor.FullName,
            ServerService.Descriptor.FullName];

    /// <summary>Adds the services that answer for a student.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="student">What answers; not disposed by the application.</param>
    /// <param name="options">Limits.</param>
    /// <param name="control">Steers the curriculum; null where there is none.</param>
    public static IServiceCollection AddOrcaServing(
        this IServiceCollection services, StudentServer student, ServingOptions options, ICurriculumControl? control = null)
    {
        services.AddSingleton(student);
        services.AddSingleton(options);
        services.AddSingleton(student.Engine);
        services.AddSingleton(student.Versions);
        services.AddSingleton<VersionLabels>();
        services.AddSingleton(TimeProvider.System);
        services.AddKeys(options);
        services.AddCors();
        services.AddSingleton<BrowserGuard>();
        services.AddSingleton<AccessGate>();
        services.AddSingleton<RefusalPace>();
        services.AddSingleton<ModelNames>();
        services.AddSingleton<OpenAiAnswers>();
        services.AddSingleton<OpenAiEndpoints>();
        services.AddSingleton(provider => new CurriculumAccess(control, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LoadMeter>();
        services.AddSingleton<HealthServiceImpl>();
        services.AddSingleton<HealthBoard>();
        services.AddHostedService<HealthReporter>();
        services.AddHostedService<StepCheck>();
        services.AddHealthChecks().AddCheck<HealthBoard>("student");
        services.AddOrcaTelemetry(student.Engine.Metrics, options.Collector);
        services.AddGrpcReflection();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxMessageBytes;
            grpc.EnableDetailedErrors = false;
            grpc.CompressionProviders =
            [
                new CheckedCompression(new GzipCompressionProvider(CompressionLevel.Fastest)),
                new CheckedCompression(new DeflateCompressionProvider(CompressionLevel.Fastest)),
            ];
            grpc.Interceptors.Add<FailureInterceptor>();
        });
        return services;
    }

    private static void AddKeys(this IServiceCollection services, ServingOptions options)
    {
        if (options.KeyFile is not { } file)
        {
            services.AddSingleton(new Authentication(keys: null, options.ClientCertificateScope));
            return;
        }

        var keys = new KeysOfFile(file);
        services.AddSingleton(keys);
        services.AddSingleton(new Authentication(keys, options.ClientCertificateScope));
        services.AddHostedService<KeyWatch>();
    }

    /// <summary>
    /// Maps inference, model versions, curriculum control, health and reflection, and the HTTP endpoints, behind the guard
    /// against pages of other sites and the gate that asks for keys.
    /// </summary>
    public static void MapOrcaServices(this WebApplication app)
    {
        HeaderLimit.Use(app);
        app.Services.GetRequiredService<BrowserGuard>().Use(app);
        app.UseRouting();
        app.Services.GetRequiredService<AccessGate>().Use(app);
        app.Services.GetRequiredService<OpenAiEndpoints>().Map(app);
        IEndpointRouteBuilder routes = app;
        routes.MapGrpcService<InferenceGrpcService>();
        routes.MapGrpcService<ModelGrpcService>();
        routes.MapGrpcService<ServerGrpcService>();
        routes.MapGrpcService<CurriculumGrpcService>();
        routes.MapGrpcService<HealthServiceImpl>();
        routes.MapGrpcReflectionService();
        routes.MapHealthChecks("/health").AllowAnonymous();
        routes.MapOrcaMetrics().WithMetadata(new NeedsScope(AccessScope.Read));
    }

    /// <summary>
    /// Ends the calls of the standard services that go on for as long as their caller likes, when the server stops: they
    /// know nothing of its end, and would hold it up.
    /// </summary>
    internal static void EndEndlessCallsAtStop(this WebApplication app) => app.Use(async (context, next) =>
    {
        using var end = context.Request.Path.StartsWithSegments("/grpc.health.v1.Health")
            || context.Request.Path.Value!.StartsWith("/grpc.reflection.", StringComparison.Ordinal)
            ? app.Lifetime.ApplicationStopping.Register(context.Abort)
            : default;
        await next(context);
    });
}
