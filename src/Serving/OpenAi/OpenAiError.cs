using System.Globalization;
using Microsoft.AspNetCore.Http;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>Failures as HTTP tells them: a status, and a body of the form that clients of this interface read.</summary>
internal static class OpenAiError
{
    /// <summary>The body.</summary>
    public static ErrorBody BodyOf(GenerationException failure) => new(new ErrorContent(
        failure.Message, TypeOf(failure.Failure), failure.Fields.IsEmpty ? null : failure.Fields[0].Field, CodeOf(failure)));

    /// <summary>The status.</summary>
    public static int StatusOf(Failure failure) => failure switch
    {
        Failure.InvalidRequest => StatusCodes.Status400BadRequest,
        Failure.Unauthenticated => StatusCodes.Status401Unauthorized,
        Failure.PermissionDenied => StatusCodes.Status403Forbidden,
        Failure.UnknownRequest or Failure.UnknownVersion or Failure.NoCurriculum => StatusCodes.Status404NotFound,
        Failure.DuplicateRequest or Failure.VersionNotReady or Failure.VersionChanged or Failure.CurriculumOver
            or Failure.CurriculumChanged or Failure.CommandIdTaken => StatusCodes.Status409Conflict,
        Failure.QueueFull or Failure.CacheFull or Failure.QuotaExceeded => StatusCodes.Status429TooManyRequests,
        Failure.NoModel or Failure.Paused or Failure.Draining or Failure.Stopping or Failure.CommandNotKept =>
            StatusCodes.Status503ServiceUnavailable,
        Failure.DeadlineTooSoon or Failure.WaitedTooLong => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Answers with a failure. The response must not have begun.</summary>
    public static Task WriteAsync(HttpContext context, GenerationException failure)
    {
        var status = StatusOf(failure.Failure);
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            var seconds = Math.Max(1, Math.Ceiling((failure.RetryAfter ?? TimeSpan.FromSeconds(1)).TotalSeconds));
            context.Response.Headers.RetryAfter = seconds.ToString("0", CultureInfo.InvariantCulture);
        }
        else if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(context, status, BodyOf(failure));
    }

    /// <summary>Answers with a failure of the request's form.</summary>
    public static Task WriteAsync(HttpContext context, int status, string message) =>
        WriteAsync(context, status, new ErrorBody(new ErrorContent(message, TypeOf(Failure.InvalidRequest), null, null)));

    private static Task WriteAsync(HttpContext context, int status, ErrorBody body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, OpenAiJson.Wire.ErrorBody, cancellationToken: context.RequestAborted);
    }

    private static string TypeOf(Failure failure) => StatusOf(failure) switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        < 500 => "invalid_request_error",
        _ => "server_error",
    };

    private static string CodeOf(GenerationException failure) => failure.Failure switch
    {
        Failure.Unauthenticated => "invalid_api_key",
        Failure.UnknownVersion => "model_not_found",
        _ => failure.ReasonName().ToLowerInvariant(),
    };
}
