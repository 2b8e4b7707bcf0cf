using System.Globalization;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Orca.Serving.Grpc;

/// <summary>Answers a gRPC call with a status and nothing else, where no handler has been reached.</summary>
internal static class GrpcRefusal
{
    /// <summary>Whether a request is a gRPC call.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Writes the status as headers that end the response.</summary>
    public static Task WriteAsync(HttpResponse response, RpcException status)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Encoded(status.Status.Detail);
        foreach (var trailer in status.Trailers)
        {
            response.Headers[trailer.Key] = trailer.IsBinary ? Convert.ToBase64String(trailer.ValueBytes).TrimEnd('=') : trailer.Value;
        }

        return response.CompleteAsync();
    }

    /// <summary>
    /// A message as gRPC writes it into a header: what is no printable letter of ASCII, and the percent sign, by the bytes of its
    /// UTF-8.
    /// </summary>
    private static string Encoded(string message) => string.Concat(
        Encoding.UTF8.GetBytes(message)
            .Select(value => value is >= (byte)' ' and <= (byte)'~' and not (byte)'%' ? ((char)value).ToString() : $"%{value:X2}"));
}
