using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orca.Serving.Grpc;
using Orca.Serving.OpenAi;

namespace Orca.Serving.Hosting;

/// <summary>Refuses a call whose headers, or metadata, are too large, and leaves the other calls of its connection alone.</summary>
internal static class HeaderLimit
{
    /// <summary>Bytes of all names and values at most.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Stands before everything that is mapped.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        var bytes = context.Request.Headers.Sum(header => header.Value.Sum(value => header.Key.Length + (value?.Length ?? 0)));
        return bytes <= MaxBytes ? next(context) : RefuseAsync(context, $"The headers have {bytes} bytes; at most {MaxBytes} are taken.");
    });

    private static Task RefuseAsync(HttpContext context, string message) => GrpcRefusal.IsGrpc(context.Request)
        ? GrpcRefusal.WriteAsync(context.Response, new RpcException(new Status(StatusCode.ResourceExhausted, message)))
        : OpenAiError.WriteAsync(context, StatusCodes.Status431RequestHeaderFieldsTooLarge, message);
}
