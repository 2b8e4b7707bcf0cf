using System.Reflection;
using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Orca.Protocol.Admin.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Security;

namespace Orca.Serving.Grpc;

/// <summary>Tells over gRPC what the server has to do, and pauses, drains and resumes it.</summary>
[BindServiceMethod(typeof(CheckedServices), nameof(CheckedServices.Bind))]
internal sealed class ServerGrpcService(
    StudentServer server, ServingOptions hosting, Authentication authentication, LoadMeter meter, HealthBoard health,
    TimeProvider clock, IHostApplicationLifetime lifetime)
    : ServerService.ServerServiceBase
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1_000;
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    public override Task<GetServerInfoResponse> GetServerInfo(GetServerInfoRequest request, ServerCallContext context) =>
        Task.FromResult(new GetServerInfoResponse
        {
            ServerVersion = typeof(ServerGrpcService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            StartTime = Timestamp.FromDateTimeOffset(server.Started),
            Platform = $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}",
            Device = server.Options.Inference.Device,
            WeightFormat = server.Options.Inference.Weights.ToString().ToLowerInvariant(),
            CacheFormat = server.Options.Inference.Cache.ToString().ToLowerInvariant(),
            Threads = (uint)(server.Options.Inference.Threads ?? Environment.ProcessorCount),
            MaxConcurrentRequests = (uint)server.Options.MaxConcurrentRequests,
            MaxQueuedRequests = (uint)server.Options.MaxQueuedRequests,
            MaxMessageBytes = (uint)hosting.MaxMessageBytes,
            RequiresKey = authentication.AsksForKeys,
        });

    public override Task<GetLoadResponse> GetLoad(GetLoadRequest request, ServerCallContext context) =>
        Task.FromResult(new GetLoadResponse { Load = meter.Read() });

    public override async Task WatchLoad(
        WatchLoadRequest request, IServerStreamWriter<WatchLoadResponse> responseStream, ServerCallContext context)
    {
        var interval = request.Interval?.ToTimeSpan() ?? TimeSpan.FromSeconds(1);
        if (interval < ShortestInterval || interval > LongestInterval)
        {
            throw GenerationException.Invalid("interval", $"is {interval.TotalSeconds} s; 0.1 to 60 s is allowed");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                await responseStream.WriteAsync(new WatchLoadResponse { Load = meter.Read() }, ending.Token);
            }
            while (await timer.WaitForNextTickAsync(ending.Token));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new GenerationException(Failure.Stopping, "The server stops.");
        }
    }

    public override Task<ListRequestsResponse> ListRequests(ListRequestsRequest request, ServerCallContext context)
    {
        var start = request.PageToken.Length == 0 ? 0
            : int.TryParse(request.PageToken, out var number) && number >= 0 ? number
            : throw GenerationException.Invalid("page_token", $"'{request.PageToken}' names no page; take it from the page before");
        var size = request.PageSize == 0 ? DefaultPageSize : (int)Math.Min(request.PageSize, MaxPageSize);
        var rest = server.Engine.Requests().Skip(start).Take(size + 1).ToList();
        var response = new ListRequestsResponse { NextPageToken = rest.Count > size ? $"{start + size}" : "" };
        response.Requests.AddRange(rest.Take(size).Select(ToMessage));
        return Task.FromResult(response);
    }

    public override Task<PauseGenerationResponse> PauseGeneration(PauseGenerationRequest request, ServerCallContext context)
    {
        server.Engine.Pause();
        return Task.FromResult(new PauseGenerationResponse());
    }

    public override Task<ResumeGenerationResponse> ResumeGeneration(ResumeGenerationRequest request, ServerCallContext context)
    {
        server.Engine.Resume();
        health.SetDraining(false);
        return Task.FromResult(new ResumeGenerationResponse());
    }

    public override async Task<DrainServerResponse> DrainServer(DrainServerRequest request, ServerCallContext context)
    {
        // Balancers are told before the first refusal.
        health.SetDraining(true);
        await server.Engine.DrainAsync(context.CancellationToken);
        return new DrainServerResponse();
    }

    public override async Task<ResetPrefixCacheResponse> ResetPrefixCache(ResetPrefixCacheRequest request, ServerCallContext context) =>
        new()
        {
            BlocksFreed = (ulong)await server.Engine.ResetPrefixCache(request.HasVersion ? (long)Math.Min(request.Version, long.MaxValue) : null),
        };

    private static Protocol.Admin.V1.RequestState ToMessage(RequestSnapshot request) => new()
    {
        RequestId = request.Id,
        Caller = request.Caller,
        Tenant = request.Tenant,
        PromptTokens = (uint)request.PromptTokens,
        CompletionTokens = (uint)request.CompletionTokens,
        WeightVersion = (ulong)(request.Version ?? 0),
        Age = Duration.FromTimeSpan(request.Age),
        Phase = request.State switch
        {
            Engine.RequestState.Waiting => RequestPhase.Waiting,
            Engine.RequestState.Prefill => RequestPhase.Prefill,
            Engine.RequestState.Decode => RequestPhase.Decode,
            _ => RequestPhase.Preempted,
        },
    };
}
