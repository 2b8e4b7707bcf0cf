using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>Tells over gRPC what is served, and what became of every checkpoint.</summary>
[BindServiceMethod(typeof(CheckedServices), nameof(CheckedServices.Bind))]
internal sealed partial class ModelGrpcService(StudentServer server, IHostApplicationLifetime lifetime)
    : ModelService.ModelServiceBase
{
    private readonly InferenceEngine engine = server.Engine;
    private readonly VersionRegistry versions = server.Versions;

    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1_000;

    public override Task<GetModelResponse> GetModel(GetModelRequest request, ServerCallContext context)
    {
        var student = engine.Current;
        var response = new GetModelResponse
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
                PromptTemplate = ToMessage(student.Language.Template),
            },
        };
        response.Model.Traffic.AddRange(server.Traffic.Select(ToMessage));
        return Task.FromResult(response);
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
        Task.FromResult(new GetModelVersionResponse
        {
            ModelVersion = ToMessage(versions.Find(NumberIn(request.Name)) ?? throw Unknown(request.Name)),
        });

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

    private ModelVersion ToMessage(VersionRecord record) =>
        record.ToMessage(
            engine.RequestsOn(record.Number), engine.CachedTokensOf(record.Number), server.Options.Inference.Weights.ToMessage());

    private static Protocol.Model.V1.PromptTemplate ToMessage(Model.Prompting.PromptTemplate template) =>
        new() { Name = template.Name, Source = template.Source, Sha256 = template.Hash, Guessed = template.IsGuess };

    private static TrafficSplit ToMessage((long Version, int Percent) share) =>
        new() { Version = (ulong)share.Version, Percent = (uint)share.Percent };

    private static long NumberIn(string name) => VersionTranslation.NumberIn(name) ?? throw Unknown(name);

    private static GenerationException Unknown(string name) => new(
        Failure.UnknownVersion, $"'{name}' is unknown; names have the form models/student/versions/NUMBER.")
    { Subject = name };
}
