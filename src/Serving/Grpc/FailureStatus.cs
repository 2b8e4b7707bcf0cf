using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>The one place where failures become gRPC statuses.</summary>
internal static class FailureStatus
{
    /// <summary>The trailer by which stock clients are told when to retry.</summary>
    public const string Pushback = "grpc-retry-pushback-ms";

    private const string Domain = "orca";

    // What a caller is told to wait where nothing better is known.
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(1);

    /// <summary>The status, with google.rpc details, of a failed request.</summary>
    public static RpcException Of(GenerationException failure)
    {
        var code = CodeOf(failure.Failure);
        var status = new Google.Rpc.Status { Code = (int)code, Message = failure.Message };
        status.Details.AddRange(DetailsOf(failure, code).Select(detail => Any.Pack(detail)));
        var exception = status.ToRpcException();
        if (code == StatusCode.ResourceExhausted)
        {
            exception.Trailers.Add(Pushback, WaitOf(failure).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
        }

        return exception;
    }

    private static StatusCode CodeOf(Failure failure) => failure switch
    {
        Failure.InvalidRequest => StatusCode.InvalidArgument,
        Failure.DuplicateRequest or Failure.CommandIdTaken => StatusCode.AlreadyExists,
        Failure.UnknownRequest or Failure.UnknownVersion => StatusCode.NotFound,
        Failure.VersionNotReady or Failure.NoCurriculum or Failure.CurriculumOver => StatusCode.FailedPrecondition,
        Failure.VersionChanged or Failure.CurriculumChanged => StatusCode.Aborted,
        Failure.CheckpointDamaged => StatusCode.DataLoss,
        Failure.QueueFull or Failure.CacheFull or Failure.QuotaExceeded => StatusCode.ResourceExhausted,
        Failure.DeadlineTooSoon or Failure.WaitedTooLong => StatusCode.DeadlineExceeded,
        Failure.NoModel or Failure.Paused or Failure.Draining or Failure.Stopping or Failure.CommandNotKept => StatusCode.Unavailable,
        Failure.Unauthenticated => StatusCode.Unauthenticated,
        Failure.PermissionDenied => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    private static IEnumerable<IMessage> DetailsOf(GenerationException failure, StatusCode code)
    {
        yield return new ErrorInfo { Reason = failure.ReasonName(), Domain = Domain };
        switch (code)
        {
            case StatusCode.InvalidArgument:
                var badRequest = new BadRequest();
                badRequest.FieldViolations.AddRange(failure.Fields.Select(
                    fault => new BadRequest.Types.FieldViolation { Field = fault.Field, Description = fault.Message }));
                yield return badRequest;
                break;
            case StatusCode.NotFound or StatusCode.AlreadyExists:
                yield return new ResourceInfo
                {
                    ResourceType = failure.Failure switch
                    {
                        Failure.UnknownVersion => "orca.model.v1.ModelVersion",
                        Failure.CommandIdTaken => "orca.curriculum.v1.ApplyRequest",
                        _ => "orca.inference.v1.GenerationSpec",
                    },
                    ResourceName = failure.Failure == Failure.UnknownVersion ? VersionTranslation.NameOf(failure.Subject) : failure.Subject,
                    Description = failure.Message,
                };
                break;
            case StatusCode.FailedPrecondition:
                yield return new PreconditionFailure
                {
                    Violations = { new PreconditionFailure.Types.Violation { Type = failure.ReasonName(), Subject = failure.Failure == Failure.VersionNotReady ? VersionTranslation.NameOf(failure.Subject) : failure.Subject, Description = failure.Message } },
                };
                break;
            case StatusCode.ResourceExhausted:
                yield return new QuotaFailure
                {
                    Violations = { new QuotaFailure.Types.Violation { Subject = failure.Subject.Length > 0 ? failure.Subject : QuotaOf(failure.Failure), Description = failure.Message } },
                };
                yield return new RetryInfo { RetryDelay = Duration.FromTimeSpan(WaitOf(failure)) };
                break;
            case StatusCode.Unavailable:
                yield return new RetryInfo { RetryDelay = Duration.FromTimeSpan(WaitOf(failure)) };
                break;
        }
    }

    private static TimeSpan WaitOf(GenerationException failure) => failure.RetryAfter ?? UsualWait;

    private static string QuotaOf(Failure failure) => failure switch
    {
        Failure.QueueFull => "queue",
        Failure.CacheFull => "cache",
        _ => "tenant",
    };
}
