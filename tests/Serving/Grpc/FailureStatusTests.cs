using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Orca.Serving.Grpc;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Grpc;

/// <summary>The status mapping, row by row.</summary>
public class FailureStatusTests
{
    public static TheoryData<Failure, StatusCode, string[]> Rows => new()
    {
        { Failure.InvalidRequest, StatusCode.InvalidArgument, ["BadRequest"] },
        { Failure.DuplicateRequest, StatusCode.AlreadyExists, ["ResourceInfo"] },
        { Failure.UnknownRequest, StatusCode.NotFound, ["ResourceInfo"] },
        { Failure.UnknownVersion, StatusCode.NotFound, ["ResourceInfo"] },
        { Failure.VersionNotReady, StatusCode.FailedPrecondition, ["PreconditionFailure"] },
        { Failure.VersionChanged, StatusCode.Aborted, [] },
        { Failure.CheckpointDamaged, StatusCode.DataLoss, [] },
        { Failure.QueueFull, StatusCode.ResourceExhausted, ["QuotaFailure", "RetryInfo"] },
        { Failure.CacheFull, StatusCode.ResourceExhausted, ["QuotaFailure", "RetryInfo"] },
        { Failure.QuotaExceeded, StatusCode.ResourceExhausted, ["QuotaFailure", "RetryInfo"] },
        { Failure.DeadlineTooSoon, StatusCode.DeadlineExceeded, [] },
        { Failure.WaitedTooLong, StatusCode.DeadlineExceeded, [] },
        { Failure.NoModel, StatusCode.Unavailable, ["RetryInfo"] },
        { Failure.Paused, StatusCode.Unavailable, ["RetryInfo"] },
        { Failure.Draining, StatusCode.Unavailable, ["RetryInfo"] },
        { Failure.Stopping, StatusCode.Unavailable, ["RetryInfo"] },
        { Failure.NoCurriculum, StatusCode.FailedPrecondition, ["PreconditionFailure"] },
        { Failure.CurriculumOver, StatusCode.FailedPrecondition, ["PreconditionFailure"] },
        { Failure.CurriculumChanged, StatusCode.Aborted, [] },
        { Failure.CommandIdTaken, StatusCode.AlreadyExists, ["ResourceInfo"] },
        { Failure.CommandNotKept, StatusCode.Unavailable, ["RetryInfo"] },
        { Failure.StepFailed, StatusCode.Internal, [] },
        { Failure.Unauthenticated, StatusCode.Unauthenticated, [] },
        { Failure.PermissionDenied, StatusCode.PermissionDenied, [] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_failure_has_its_status_and_its_details(Failure failure, StatusCode code, string[] details)
    {
        var exception = FailureStatus.Of(new GenerationException(failure, "It went wrong.") { Subject = "it" });
        var status = exception.GetRpcStatus()!;

        Assert.Equal((code, "It went wrong."), (exception.StatusCode, exception.Status.Detail));
        Assert.Equal((int)code, status.Code);
        Assert.Equal(
            ["ErrorInfo", .. details],
            status.Details.Select(detail => Google.Protobuf.WellKnownTypes.Any.GetTypeName(detail.TypeUrl).Split('.')[^1]));
        Assert.Equal("orca", status.GetDetail<ErrorInfo>()!.Domain);
        Assert.Matches("^[A-Z_]+$", status.GetDetail<ErrorInfo>()!.Reason);
        Assert.Equal(code == StatusCode.ResourceExhausted, exception.Trailers.Get(FailureStatus.Pushback) is not null);
    }

    [Fact]
    public void No_failure_is_without_a_row() =>
        Assert.Equal(Enum.GetValues<Failure>().Order(), Rows.Select(row => row.Data.Item1).Order());

    [Fact]
    public void Details_name_fields_resources_quotas_and_the_time_to_wait()
    {
        var invalid = DetailOf<BadRequest>(GenerationException.Invalid([new FieldFault("a.b", "is 2"), new FieldFault("c", "is 3")]));
        var unknown = DetailOf<ResourceInfo>(new GenerationException(Failure.UnknownVersion, "No.") { Subject = "models/student/versions/7" });
        var early = DetailOf<PreconditionFailure>(new GenerationException(Failure.VersionNotReady, "No.") { Subject = "models/student/versions/7" });
        var full = new GenerationException(Failure.QuotaExceeded, "No.") { Subject = "alice", RetryAfter = TimeSpan.FromMilliseconds(1500) };

        Assert.Equal(
            [("a.b", "is 2"), ("c", "is 3")], invalid.FieldViolations.Select(violation => (violation.Field, violation.Description)));
        Assert.Equal(("orca.model.v1.ModelVersion", "models/student/versions/7"), (unknown.ResourceType, unknown.ResourceName));
        Assert.Equal(
            ("VERSION_NOT_READY", "models/student/versions/7"), (early.Violations.Single().Type, early.Violations.Single().Subject));
        Assert.Equal("alice", DetailOf<QuotaFailure>(full).Violations.Single().Subject);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), DetailOf<RetryInfo>(full).RetryDelay.ToTimeSpan());
        Assert.Equal("1500", FailureStatus.Of(full).Trailers.GetValue(FailureStatus.Pushback));
    }

    private static T DetailOf<T>(GenerationException failure)
        where T : class, IMessage<T>, new() => FailureStatus.Of(failure).GetRpcStatus()!.GetDetail<T>()!;
}
