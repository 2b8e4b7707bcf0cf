using Grpc.Core;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Security;
using WireWeightPolicy = Orca.Protocol.Inference.V1.WeightPolicy;

namespace Orca.Serving.Grpc;

/// <summary>What is known of a caller beside its message.</summary>
/// <param name="Identity">Its key or certificate.</param>
/// <param name="Deadline">When it gives up; null: never.</param>
/// <param name="Labels">What version labels stand for.</param>
internal sealed record Caller(CallerIdentity Identity, DateTimeOffset? Deadline, VersionLabels Labels)
{
    /// <summary>The caller of a gRPC call.</summary>
    public static Caller Of(ServerCallContext context, VersionLabels labels) =>
        new(
            context.GetHttpContext().Identity(), context.Deadline == DateTime.MaxValue ? null : new DateTimeOffset(context.Deadline),
            labels);

    /// <summary>The weights that are to answer it.</summary>
    /// <exception cref="GenerationException">The label stands for no version, or a value has no meaning.</exception>
    public Requests.WeightPolicy Weights(WireWeightPolicy? policy) =>
        policy is null ? new Requests.WeightPolicy() : new Requests.WeightPolicy
        {
            PinVersion = policy.SelectorCase switch
            {
                WireWeightPolicy.SelectorOneofCase.PinVersion => (long)Math.Min(policy.PinVersion, long.MaxValue),
                WireWeightPolicy.SelectorOneofCase.VersionLabel => Labels.Resolve(policy.VersionLabel),
                _ => null,
            },
            MinVersion = (long)Math.Min(policy.MinVersion, long.MaxValue),
            OnUpdate = policy.OnUpdate.ToOnUpdate("weight_policy.on_update") ?? OnUpdate.Pin,
        };
}
