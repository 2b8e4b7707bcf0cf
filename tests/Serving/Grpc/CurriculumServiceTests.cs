using Grpc.Core;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Tests.Grpc;

/// <summary>The control stream.</summary>
public sealed class CurriculumServiceTests : IAsyncDisposable
{
    private readonly RunningCurriculum run = new();

    [Fact]
    public async Task Every_command_is_answered_once_in_order_with_its_id_and_takes_effect()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        var asked = new List<PublishRequest>();
        using var listening = run.Curriculum.PublishRequests.Subscribe(new Listener(asked.Add));

        var replies = await TuneAsync(
            server,
            new TuneRequest { CommandId = "s1", GetStatus = new GetStatus() },
            new TuneRequest { CommandId = "p", Pause = new Pause() },
            new TuneRequest { CommandId = "m", SetMixture = new SetMixture { Weights = { ["cot"] = 3, ["reasoning"] = 1 } } },
            new TuneRequest { CommandId = "n", PublishNow = new PublishNow() },
            new TuneRequest { CommandId = "s2", GetStatus = new GetStatus() },
            new TuneRequest { CommandId = "r", Resume = new Resume() });

        Assert.Equal(["s1", "p", "m", "n", "s2", "r"], replies.Select(reply => reply.CommandId));
        Assert.False(replies[0].Status.Paused);
        Assert.Equal((true, 3.0, "assistant"), (replies[4].Status.Paused, replies[4].Status.Mixture["cot"], replies[4].Status.Stage));
        Assert.Equal("n", asked.Single().CommandId);
        Assert.Equal(Streams.Curricula.Control.PausedWork.None, run.Curriculum.Status.Paused);
        Assert.Equal(
            replies[5].Acknowledged.Revision,
            replies[1].Acknowledged.Revision + 3);
    }

    [Fact]
    public async Task Limits_of_screens_are_set_and_told_infinity_for_one_that_is_off()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        var limits = new SetScreens { Limits = { ["refusal"] = double.PositiveInfinity, ["length"] = 500 } };

        var replies = await TuneAsync(
            server,
            new TuneRequest { CommandId = "a", SetScreens = limits },
            new TuneRequest { CommandId = "b", SetScreens = new SetScreens { Limits = { ["length"] = -1 } } },
            new TuneRequest { CommandId = "c", GetStatus = new GetStatus() });

        Assert.Contains("'length' is -1", replies[1].Rejected.Reason);
        Assert.Equal(limits.Limits, replies[2].Status.ScreenLimits);
        Assert.Equal(replies[0].Acknowledged.Revision, replies[2].Status.Revision);
    }

    [Fact]
    public async Task How_published_versions_are_judged_is_set_and_told()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);

        var replies = await TuneAsync(
            server,
            new TuneRequest { CommandId = "s", GetStatus = new GetStatus() },
            new TuneRequest { CommandId = "a", SetGate = new SetGate { Level = 0.05 } },
            new TuneRequest { CommandId = "b", SetGate = new SetGate { Questions = 80 } },
            new TuneRequest { CommandId = "c", SetGate = new SetGate { Level = 0.7 } },
            new TuneRequest { CommandId = "d", SetGate = new SetGate() },
            new TuneRequest { CommandId = "t", GetStatus = new GetStatus() });

        Assert.Equal((false, false), (replies[0].Status.HasGateLevel, replies[0].Status.HasGateQuestions));
        Assert.Contains("The gate's level is 0.7; give one above 0, to 0.5.", replies[3].Rejected.Reason);
        Assert.Contains("give its questions, its level or both", replies[4].Rejected.Reason);
        Assert.Equal((0.05, 80u), (replies[5].Status.GateLevel, replies[5].Status.GateQuestions));
    }

    [Fact]
    public async Task A_command_given_twice_is_carried_out_once_also_on_another_stream()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);

        var first = await TuneAsync(
            server, new TuneRequest { CommandId = "p", Pause = new Pause() }, new TuneRequest { CommandId = "r", Resume = new Resume() });
        var again = await TuneAsync(server, new TuneRequest { CommandId = "p", Pause = new Pause() });

        Assert.Equal(first[0].Acknowledged.Revision, again[0].Acknowledged.Revision);
        Assert.Equal(Streams.Curricula.Control.PausedWork.None, run.Curriculum.Status.Paused);
    }

    [Fact]
    public async Task A_refused_command_says_why_changes_nothing_and_leaves_the_stream_open()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);

        var replies = await TuneAsync(
            server,
            new TuneRequest { CommandId = "m", SetMixture = new SetMixture { Weights = { ["cot"] = -1 } } },
            new TuneRequest { Pause = new Pause() },
            new TuneRequest { CommandId = "w", Watch = new Watch { IntervalMilliseconds = 1 } },
            new TuneRequest { CommandId = "nothing" },
            new TuneRequest { CommandId = new string('x', 129), Pause = new Pause() },
            new TuneRequest { CommandId = "s", GetStatus = new GetStatus() });

        Assert.All(replies[..5], reply => Assert.EndsWith(".", reply.Rejected.Reason));
        Assert.Contains("100 to 60000", replies[2].Rejected.Reason);
        Assert.Equal((0UL, false), (replies[5].Status.Revision, replies[5].Status.Paused));
    }

    [Fact]
    public async Task A_watch_sends_the_status_until_the_caller_has_ended_its_side()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        using var call = server.Curriculum.Tune();
        await call.RequestStream.WriteAsync(new TuneRequest { CommandId = "w", Watch = new Watch { IntervalMilliseconds = 100 } });

        await call.ResponseStream.MoveNext();
        var acknowledged = call.ResponseStream.Current;
        for (var update = 0; update < 3; update++)
        {
            await call.ResponseStream.MoveNext();
            Assert.Equal(
                ("", TuneResponse.ReplyOneofCase.Status), (call.ResponseStream.Current.CommandId, call.ResponseStream.Current.ReplyCase));
        }

        await call.RequestStream.WriteAsync(new TuneRequest { CommandId = "p", Pause = new Pause() });
        await call.RequestStream.CompleteAsync();
        var rest = await call.ResponseStream.ReadAllAsync().ToListAsync();

        Assert.Equal("w", acknowledged.CommandId);
        Assert.Equal("p", rest.Single(reply => reply.ReplyCase == TuneResponse.ReplyOneofCase.Acknowledged).CommandId);
    }

    [Fact]
    public async Task A_server_without_a_curriculum_says_so()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => TuneAsync(server, new TuneRequest { GetStatus = new GetStatus() }));
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Contains("daemon", failure.Status.Detail);
    }

    public ValueTask DisposeAsync() => run.DisposeAsync();

    private static async Task<List<TuneResponse>> TuneAsync(ServerFixture server, params TuneRequest[] requests)
    {
        using var call = server.Curriculum.Tune();
        foreach (var request in requests)
        {
            await call.RequestStream.WriteAsync(request);
        }

        await call.RequestStream.CompleteAsync();
        return await call.ResponseStream.ReadAllAsync().ToListAsync();
    }

    private sealed class Listener(Action<PublishRequest> hear) : IObserver<PublishRequest>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error) => throw error;

        public void OnNext(PublishRequest value) => hear(value);
    }
}
