using Grpc.Core;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>What changes which versions answer.</summary>
internal sealed partial class ModelGrpcService
{
    private const int MaxReasonLength = 512;

    public override async Task LoadModelVersion(
        LoadModelVersionRequest request, IServerStreamWriter<LoadModelVersionResponse> responseStream, ServerCallContext context)
    {
        if (request.Checkpoint.Length == 0)
        {
            throw GenerationException.Invalid("checkpoint", "is empty; name a checkpoint of the folder that is served, or the path of a "
                + "model within it or a folder of serving.checkpointFolders");
        }

        var folder = server.Loadable.Resolve(request.Checkpoint);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        VersionRecord? last = null;
        try
        {
            await foreach (var record in server.LoadAsync(folder, request.Activate, request.LiftQuarantine, ending.Token))
            {
                last = record;
                var response = new LoadModelVersionResponse
                {
                    Stage = record.State.ToStage(),
                    TensorsChecked = (uint)record.TensorsChecked,
                    TensorsTotal = (uint)record.Tensors,
                    ModelVersion = ToMessage(record),
                };
                await responseStream.WriteAsync(response, ending.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new GenerationException(Failure.Stopping, "The server stops.");
        }

        if (last is { State: VersionState.Rejected })
        {
            // What was probed was read well, and failed for what it answered; and some things are not the checkpoint's fault.
            var isDamaged = last.Findings?.ProbePerplexity is null && last.Refusal is RefusalCause.Damaged or RefusalCause.Unfit;
            throw new GenerationException(
                isDamaged ? Failure.CheckpointDamaged : Failure.VersionNotReady, last.Reason ?? "The checkpoint was rejected.")
            {
                Subject = $"{last.Number}",
            };
        }
    }

    public override async Task<ActivateModelVersionResponse> ActivateModelVersion(
        ActivateModelVersionRequest request, ServerCallContext context)
    {
        var record = await server.ActivateAsync(
            NumberIn(request.Name),
            request.Etag.Length == 0 ? null : request.Etag,
            request.DefaultPolicy.ToOnUpdate("default_policy"),
            request.ValidateOnly);
        return new ActivateModelVersionResponse { ModelVersion = ToMessage(record) };
    }

    public override async Task<RollbackModelResponse> RollbackModel(RollbackModelRequest request, ServerCallContext context)
    {
        if (request.Reason.Length > MaxReasonLength)
        {
            throw GenerationException.Invalid("reason", $"has {request.Reason.Length} characters; at most {MaxReasonLength} are allowed");
        }

        var record = await server.RollbackAsync(
            request.HasToVersion ? (long)Math.Min(request.ToVersion, long.MaxValue) : null, request.Reason);
        return new RollbackModelResponse { ModelVersion = ToMessage(record) };
    }

    public override async Task<SetVersionTrafficResponse> SetVersionTraffic(SetVersionTrafficRequest request, ServerCallContext context)
    {
        await server.SetTrafficAsync([.. request.Splits.Select(
            split => ((long)Math.Min(split.Version, long.MaxValue), (int)Math.Min(split.Percent, int.MaxValue)))]);
        var response = new SetVersionTrafficResponse();
        response.Splits.AddRange(server.Traffic.Select(ToMessage));
        return response;
    }

    public override async Task<UnloadModelVersionResponse> UnloadModelVersion(UnloadModelVersionRequest request, ServerCallContext context) =>
        new() { ModelVersion = ToMessage(await server.UnloadAsync(NumberIn(request.Name))) };
}
