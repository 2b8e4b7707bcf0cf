using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>Tells over gRPC what is served, and what became of every checkpoint.</summary>
internal sealed class ModelGrpcService(InferenceEngine engine, VersionRegistry versions, IHostApplicationLifetime lifetime)
    : ModelService.ModelServiceBase
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1_000;

    public override Task<GetModelResponse> GetModel(GetModelRequest request, ServerCallContext context)
    {
        var student = engine.Current;
        return Task.FromResult(new GetModelResponse
        {
            Model = new Protocol.Model.V1.Model
            {
                Name = "models/student",
                ActiveVersion = (ulong)student.Version,
                ParameterCount = (ulong)student.Config.ParameterCount,
                VocabularySize = (uint)student.Config.VocabularySize,
                HiddenSize = (uint)student.Config.HiddenSize,
                Layers = (uint)student.Config.Layers,
                AttentionHeads = (uint)student.Config.Heads,
                KeyValueHeads = (uint)student.Config.KvHeads,
                MaxContextTokens = (uint)student.ContextTokens,
                MaxConcurrentRequests = (uint)student.Slots,
            },
        });
    }

    public override Task<ListModelVersionsResponse> ListModelVersions(ListModelVersionsRequest request, ServerCallContext context)
    {
        var before = request.PageToken.Length == 0 ? long.MaxValue
            : long.TryParse(request.PageToken, out var number) ? number
            : throw GenerationException.Invalid("page_token", $"'{request.PageToken}' names no page; take it from the page before");
        var size = request.PageSize == 0 ? DefaultPageSize : (int)Math.Min(request.PageSize, MaxPageSize);
        var rest = versions.List().Where(record => record.Number < before).Take(size + 1).ToList();
        var response = new ListModelVersionsResponse { NextPageToken = rest.Count > size ? $"{rest[size - 1].Number}" : "" };
        response.ModelVersions.AddRange(rest.Take(size).Select(ToMessage));
        return Task.FromResult(response);
    }

    public override Task<GetModelVersionResponse> GetModelVersion(GetModelVersionRequest request, ServerCallContext context) =>
        VersionTranslation.NumberIn(request.Name) is { } number && versions.Find(number) is { } record
            ? Task.FromResult(new GetModelVersionResponse { ModelVersion = ToMessage(record) })
            : throw new RpcException(new Status(
                StatusCode.NotFound, $"'{request.Name}' is unknown; names have the form models/student/versions/NUMBER."));

    public override async Task WatchModelVersions(
        WatchModelVersionsRequest request, IServerStreamWriter<WatchModelVersionsResponse> responseStream, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var after = (long)Math.Min(request.StartSequence, long.MaxValue);
        try
        {
            await foreach (var record in versions.WatchAsync(after, ending.Token))
            {
                var response = new WatchModelVersionsResponse { Sequence = (ulong)record.Sequence, ModelVersion = ToMessage(record) };
                await responseStream.WriteAsync(response, ending.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new GenerationException(Failure.Stopping, "The server stops.");
        }
    }

    private ModelVersion ToMessage(VersionRecord record) => record.ToMessage(engine.RequestsOn(record.Number));
}
