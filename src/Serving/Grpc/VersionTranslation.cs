using Google.Protobuf.WellKnownTypes;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Grpc;

/// <summary>What is known of a version as the wire contract has it.</summary>
internal static class VersionTranslation
{
    private const string Prefix = "models/student/versions/";

    public static ModelVersion ToMessage(this VersionRecord record, int activeRequests) => new()
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
        Checkpoint = record.Checkpoint,
    };

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
        report.Violations.AddRange(findings.Violations);
        return report;
    }

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
