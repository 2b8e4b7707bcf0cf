using Google.Protobuf.WellKnownTypes;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using WireFormat = Orca.Protocol.Model.V1.WeightFormat;

namespace Orca.Serving.Grpc;

/// <summary>What is known of a version as the wire contract has it.</summary>
internal static class VersionTranslation
{
    private const string Prefix = "models/student/versions/";

    public static ModelVersion ToMessage(this VersionRecord record, int activeRequests, long cachedTokens, WireFormat format) => new()
    {
        Name = $"{Prefix}{record.Number}",
        Version = (ulong)record.Number,
        Digest = record.Digest,
        TrainerStep = (ulong)record.TrainerStep,
        State = record.State.ToMessage(),
        CreateTime = Timestamp.FromDateTimeOffset(record.Created),
        ActivateTime = record.Activated is { } activated ? Timestamp.FromDateTimeOffset(activated) : null,
        Validation = record.Findings?.ToMessage(),
        WeightBytes = (ulong)record.WeightBytes,
        ActiveRequests = (uint)activeRequests,
        KvTokens = (ulong)cachedTokens,
        Checkpoint = record.Checkpoint,
        Etag = record.ETag,
        TrafficPercent = (uint)record.TrafficPercent,
        Format = record.State is VersionState.Ready or VersionState.Active or VersionState.Draining ? format : WireFormat.Unspecified,
    };

    /// <summary>A version's resource name, from that or from its number.</summary>
    public static string NameOf(string subject) => subject.Length > 0 && subject.All(char.IsAsciiDigit) ? Prefix + subject : subject;

    /// <summary>The number in a resource name; null where it is no version's name.</summary>
    public static long? NumberIn(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(name.AsSpan(Prefix.Length), out var number) ? number : null;

    private static ValidationReport ToMessage(this ValidationFindings findings)
    {
        var report = new ValidationReport
        {
            DigestOk = findings.DigestsMatch,
            ShapesOk = findings.ShapesMatch,
            NonfiniteValues = (ulong)findings.NonFiniteValues,
        };
        if (findings.ProbeKl is { } divergence)
        {
            report.ProbeKl = divergence;
        }

        if (findings.ProbePerplexity is { } perplexity)
        {
            report.ProbePerplexity = perplexity;
        }

        report.Violations.AddRange(findings.Violations);
        return report;
    }

    /// <summary>How far a load is.</summary>
    public static LoadStage ToStage(this VersionState state) => state switch
    {
        VersionState.Staged => LoadStage.Staged,
        VersionState.Validating => LoadStage.Validating,
        VersionState.Probed => LoadStage.Probed,
        VersionState.Ready => LoadStage.Ready,
        VersionState.Rejected => LoadStage.Rejected,
        // One that answers no more has answered.
        _ => LoadStage.Active,
    };

    /// <summary>How weights are stored.</summary>
    public static WireFormat ToMessage(this Model.Inference.WeightFormat format) => format switch
    {
        Model.Inference.WeightFormat.Fp32 => WireFormat.Fp32,
        Model.Inference.WeightFormat.Bf16 => WireFormat.Bf16,
        Model.Inference.WeightFormat.Int8 => WireFormat.Int8,
        Model.Inference.WeightFormat.Int4 => WireFormat.Int4,
        _ => WireFormat.Unspecified,
    };

    private static ModelVersionState ToMessage(this VersionState state) => state switch
    {
        VersionState.Staged or VersionState.Validating or VersionState.Probed => ModelVersionState.Validating,
        VersionState.Ready => ModelVersionState.Ready,
        VersionState.Active => ModelVersionState.Active,
        VersionState.Draining => ModelVersionState.Draining,
        VersionState.Unloaded => ModelVersionState.Unloaded,
        VersionState.Rejected => ModelVersionState.Rejected,
        _ => ModelVersionState.Unspecified,
    };
}
