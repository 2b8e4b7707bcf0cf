using System.Collections.Frozen;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Orca.Serving.Security;

/// <summary>The scope each endpoint needs. What is not named here needs the control scope.</summary>
internal static class ScopeRules
{
    private static readonly FrozenSet<string> Open = ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
        "/grpc.health.v1.Health/List"];

    private static readonly FrozenSet<string> Read =
    [
        "/orca.inference.v1.InferenceService/Generate",
        "/orca.inference.v1.InferenceService/StreamGenerate",
        "/orca.inference.v1.InferenceService/Score",
        "/orca.inference.v1.InferenceService/Tokenize",
        "/orca.inference.v1.InferenceService/Detokenize",
        "/orca.inference.v1.InferenceService/CancelRequest",
        "/orca.model.v1.ModelService/GetModel",
        "/orca.model.v1.ModelService/ListModelVersions",
        "/orca.model.v1.ModelService/GetModelVersion",
        "/orca.model.v1.ModelService/WatchModelVersions",
        "/orca.admin.v1.ServerService/GetServerInfo",
        "/orca.admin.v1.ServerService/GetLoad",
        "/orca.admin.v1.ServerService/WatchLoad",
        "/orca.curriculum.v1.CurriculumService/GetStatus",
        "/orca.curriculum.v1.CurriculumService/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ];

    /// <summary>The scope an endpoint needs; null where anybody may call it.</summary>
    public static AccessScope? ScopeOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is { Method.FullName: var method }
        ? ScopeOf(method)
        : endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? null
        : endpoint.Metadata.GetMetadata<NeedsScope>()?.Scope ?? AccessScope.Control;

    /// <summary>The scope a gRPC method needs, by its path; null where anybody may call it.</summary>
    public static AccessScope? ScopeOf(string method) =>
        Open.Contains(method) ? null : Read.Contains(method) ? AccessScope.Read : AccessScope.Control;
}

/// <summary>The scope that an HTTP endpoint needs.</summary>
/// <param name="Scope">The scope.</param>
internal sealed record NeedsScope(AccessScope Scope);
