using Google.Rpc;
using Grpc.Core;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using PausedWork = Orca.Protocol.Curriculum.V1.PausedWork;
using Policies = Orca.Protocol.Curriculum.V1.MixturePolicy.Types.Kind;

namespace Orca.Serving.Tests.Grpc;

/// <summary>Commands one at a time.</summary>
public sealed class CurriculumServiceApplyTests : IAsyncDisposable
{
    private readonly RunningCurriculum run = new();

    public static TheoryData<RefusalKind, StatusCode, Type?> Refusals => new()
    {
        { RefusalKind.Invalid, StatusCode.InvalidArgument, typeof(BadRequest) },
        { RefusalKind.Outdated, StatusCode.Aborted, null },
        { RefusalKind.IdTaken, StatusCode.AlreadyExists, typeof(ResourceInfo) },
        { RefusalKind.NotKept, StatusCode.Unavailable, typeof(RetryInfo) },
        { RefusalKind.Over, StatusCode.FailedPrecondition, typeof(PreconditionFailure) },
    };

    [Fact]
    public async Task Every_kind_of_command_takes_effect()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        ApplyRequest[] commands =
        [
            new() { Pause = new Pause { What = PausedWork.All } },
            new() { Resume = new Resume { What = PausedWork.Training } },
            new() { SetMixture = new SetMixture { Weights = { ["cot"] = 3, ["cot/a"] = 0.5 } } },
            new() { SetPolicy = new SetPolicy { Policy = new() { Kind = Policies.Temperature, Temperature = 3 } } },
            new() { SetPacing = new SetPacing { Pacing = new() { MaxDifficulty = 2, NextAtLoss = 1.5 } } },
            new() { SetReplay = new SetReplay { Ratio = 0.25, MaxReuses = 4 } },
            new() { SetMessages = new SetMessages { Weights = { ["11"] = 2 } } },
            new() { SetScreens = new SetScreens { Limits = { ["refusal"] = double.PositiveInfinity } } },
            new()
            {
                SetTeachers = new SetTeachers
                {
                    Budget = 2.5,
                    Endpoints = { ["solver"] = new() { Enabled = false, RequestsPerMinute = 9 } },
                },
            },
            new() { SetGate = new SetGate { Level = 0.05 } },
            new() { PublishNow = new PublishNow() },
            new() { SetStage = new SetStage { Stage = "expert" } },
        ];

        var receipts = new List<Acknowledged>();
        foreach (var command in commands)
        {
            receipts.Add(await ApplyAsync(server, $"{receipts.Count}", command));
        }

        Assert.Equal(Enumerable.Range(1, commands.Length).Select(number => (ulong)number), receipts.Select(receipt => receipt.Revision));
        Assert.All(receipts, receipt => Assert.Equal((1UL, false), (receipt.FirstLesson, receipt.HasFirstStep)));
        Assert.Equal("expert", run.Curriculum.Status.Steering.StageAsked);
        var status = (await server.Curriculum.GetStatusAsync(new GetStatusRequest())).Status;
        Assert.Equal((12UL, true, PausedWork.Collecting), (status.Revision, status.Paused, status.PausedWork));
        Assert.Equal((3.0, 0.5), (status.Mixture["cot"], status.Mixture["cot/a"]));
        Assert.Equal((Policies.Temperature, 3.0, 0.1), (status.Policy.Kind, status.Policy.Temperature, status.Policy.RandomShare));
        Assert.Equal((2u, false, 1.5), (status.Pacing.MaxDifficulty, status.Pacing.HasMaxTokens, status.Pacing.NextAtLoss));
        Assert.Equal((0.25, 4u), (status.ReplayRatio, status.MaxReuses));
        Assert.Equal((2.0, double.PositiveInfinity, 0.05), (status.MessageWeights["11"], status.ScreenLimits["refusal"], status.GateLevel));
        Assert.Equal((2.5, false, 9u), (status.Budget, status.Endpoints["solver"].Enabled, status.Endpoints["solver"].RequestsPerMinute));
    }

    [Fact]
    public async Task One_id_acts_once_whether_it_comes_on_a_stream_on_another_or_alone()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        var mixture = new SetMixture { Weights = { ["cot"] = 3, ["reasoning"] = 1 } };

        var first = await TuneAsync(server, new TuneRequest { CommandId = "m", SetMixture = mixture });
        var between = await ApplyAsync(server, "p", new ApplyRequest { PublishNow = new PublishNow() });
        var again = await TuneAsync(server, new TuneRequest { CommandId = "m", SetMixture = mixture });
        var alone = await ApplyAsync(server, "m", new ApplyRequest { SetMixture = mixture });

        Assert.Equal(first.Acknowledged.Revision + 1, between.Revision);
        Assert.Equal([first.Acknowledged, first.Acknowledged], [again.Acknowledged, alone]);
        Assert.Equal((ulong)run.Curriculum.Status.Revision, between.Revision);
    }

    [Fact]
    public async Task A_command_for_another_revision_is_aborted_and_one_for_this_is_carried_out()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        await ApplyAsync(server, "p", new ApplyRequest { Pause = new Pause() });

        var failure = await FailureOf(server, "r", new ApplyRequest { ExpectedRevision = 0, Resume = new Resume() });
        var refusal = await TuneAsync(server, new TuneRequest { CommandId = "r", ExpectedRevision = 7, Resume = new Resume() });
        var receipt = await ApplyAsync(server, "r", new ApplyRequest { ExpectedRevision = 1, Resume = new Resume() });

        Assert.Equal(StatusCode.Aborted, failure.StatusCode);
        Assert.Contains("expects revision 0, and the curriculum is at 1", failure.Status.Detail);
        Assert.Equal(Rejected.Types.Kind.Outdated, refusal.Rejected.Kind);
        Assert.Equal(2UL, receipt.Revision);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Every_refusal_has_its_status_and_its_details(RefusalKind kind, StatusCode code, Type? detail)
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: new Refusing(kind));

        var failure = await FailureOf(server, "p", new ApplyRequest { Pause = new Pause() });
        var reply = await TuneAsync(server, new TuneRequest { CommandId = "p", Pause = new Pause() });

        Assert.Equal((code, "It is refused."), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal(
            new[] { "ErrorInfo", detail?.Name }.OfType<string>(),
            failure.GetRpcStatus()!.Details.Select(any => any.TypeUrl.Split('.')[^1]));
        Assert.Equal(("It is refused.", kind.ToString()), (reply.Rejected.Reason, reply.Rejected.Kind.ToString()));
    }

    [Fact]
    public async Task A_wrong_command_names_its_field_and_changes_nothing()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        async Task<(StatusCode, string)> FaultAsync(string id, ApplyRequest request)
        {
            var failure = await FailureOf(server, id, request);
            return (failure.StatusCode, failure.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field);
        }

        Assert.Equal(
            (StatusCode.InvalidArgument, "set_mixture"),
            await FaultAsync("m", new ApplyRequest { SetMixture = new SetMixture { Weights = { ["cot"] = double.NaN } } }));
        Assert.Equal((StatusCode.InvalidArgument, "command_id"), await FaultAsync("", new ApplyRequest { Pause = new Pause() }));
        Assert.Equal((StatusCode.InvalidArgument, "command"), await FaultAsync("n", new ApplyRequest()));
        Assert.Equal(
            (StatusCode.InvalidArgument, "set_policy.policy.kind"),
            await FaultAsync("k", new ApplyRequest { SetPolicy = new SetPolicy() }));
        Assert.Equal(
            (StatusCode.InvalidArgument, "set_teachers.budget"),
            await FaultAsync("b", new ApplyRequest { SetTeachers = new SetTeachers { Budget = double.NaN } }));
        Assert.Equal(
            (StatusCode.InvalidArgument, "pause.what"),
            await FaultAsync("w", new ApplyRequest { Pause = new Pause { What = (PausedWork)9 } }));
        Assert.Equal(0, run.Curriculum.Status.Revision);
    }

    [Fact]
    public async Task Without_a_curriculum_and_after_its_end_commands_fail_their_precondition()
    {
        await using var alone = await ServerFixture.StartEmptyAsync();
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        await run.EndAsync();

        var none = await FailureOf(alone, "p", new ApplyRequest { Pause = new Pause() });
        var over = await FailureOf(server, "p", new ApplyRequest { Pause = new Pause() });

        Assert.Equal((StatusCode.FailedPrecondition, "NO_CURRICULUM"), (none.StatusCode, ReasonOf(none)));
        Assert.Equal((StatusCode.FailedPrecondition, "CURRICULUM_OVER"), (over.StatusCode, ReasonOf(over)));
        Assert.Contains("daemon", none.Status.Detail);
    }

    public ValueTask DisposeAsync() => run.DisposeAsync();

    private static async Task<Acknowledged> ApplyAsync(ServerFixture server, string id, ApplyRequest request)
    {
        request.CommandId = id;
        return (await server.Curriculum.ApplyAsync(request)).Receipt;
    }

    private static Task<RpcException> FailureOf(ServerFixture server, string id, ApplyRequest request) =>
        Assert.ThrowsAsync<RpcException>(() => ApplyAsync(server, id, request));

    private static string ReasonOf(RpcException failure) => failure.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason;

    private static async Task<TuneResponse> TuneAsync(ServerFixture server, TuneRequest request)
    {
        using var call = server.Curriculum.Tune();
        await call.RequestStream.WriteAsync(request);
        await call.RequestStream.CompleteAsync();
        return await call.ResponseStream.ReadAllAsync().SingleAsync();
    }

    private sealed class Refusing(RefusalKind kind) : ICurriculumControl
    {
        public CurriculumStatus Status => StillCurriculum.StatusAt(0);

        public RunHistory History { get; } = new(TimeProvider.System);

        public IObservable<PublishRequest> PublishRequests => throw new NotSupportedException();

        public Task<CommandReceipt> ApplyAsync(CommandEnvelope envelope, CancellationToken cancellationToken) =>
            Task.FromException<CommandReceipt>(new CommandRefusedException("It is refused.", kind));
    }
}
