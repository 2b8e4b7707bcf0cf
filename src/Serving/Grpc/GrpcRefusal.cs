using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Orca.Serving.Grpc;

/// <summary>Answers a gRPC call with a status and nothing else, where no handler has been reached.</summary>
internal static class GrpcRefusal
{
    /// <summary>Whether a request is a gRPC call.</summary>
    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Writes the status as headers that end the response.</summary>
    public static Task WriteAsync(HttpResponse response, RpcException status)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(status.Status.Detail);
        foreach (var trailer in status.Trailers)
        {
            response.Headers[trailer.Key] = trailer.IsBinary ? Convert.ToBase64String(trailer.ValueBytes).TrimEnd('=') : trailer.Value;
        }

        return response.CompleteAsync();
    }
}
