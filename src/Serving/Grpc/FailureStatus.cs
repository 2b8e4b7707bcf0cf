using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>The one place where failures become gRPC statuses.</summary>
internal static class FailureStatus
{
    private const string Domain = "orca";

    /// <summary>The status, with google.rpc details, of a failed request.</summary>
    public static RpcException Of(GenerationException failure)
    {
        var status = new Google.Rpc.Status { Code = (int)CodeOf(failure.Failure), Message = failure.Message };
        status.Details.AddRange(DetailsOf(failure).Select(detail => Any.Pack(detail)));
        return status.ToRpcException();
    }

    private static StatusCode CodeOf(Failure failure) => failure switch
    {
        Failure.InvalidRequest => StatusCode.InvalidArgument,
        Failure.DuplicateRequest => StatusCode.AlreadyExists,
        Failure.QueueFull or Failure.QuotaExceeded => StatusCode.ResourceExhausted,
        Failure.DeadlineTooSoon or Failure.WaitedTooLong => StatusCode.DeadlineExceeded,
        Failure.NoModel or Failure.Stopping => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };

    private static IEnumerable<IMessage> DetailsOf(GenerationException failure)
    {
        yield return new ErrorInfo { Reason = ReasonOf(failure.Failure), Domain = Domain };
        if (!failure.Fields.IsEmpty)
        {
            var badRequest = new BadRequest();
            badRequest.FieldViolations.AddRange(failure.Fields.Select(
                fault => new BadRequest.Types.FieldViolation { Field = fault.Field, Description = fault.Message }));
            yield return badRequest;
        }

        if (failure.RetryAfter is { } delay)
        {
            yield return new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) };
        }
    }

    private static string ReasonOf(Failure failure) => failure switch
    {
        Failure.InvalidRequest => "INVALID_REQUEST",
        Failure.DuplicateRequest => "DUPLICATE_REQUEST",
        Failure.QueueFull => "QUEUE_FULL",
        Failure.QuotaExceeded => "QUOTA_EXCEEDED",
        Failure.DeadlineTooSoon => "DEADLINE_TOO_SOON",
        Failure.WaitedTooLong => "WAITED_TOO_LONG",
        Failure.NoModel => "NO_MODEL",
        Failure.Stopping => "STOPPING",
        _ => "STEP_FAILED",
    };
}
