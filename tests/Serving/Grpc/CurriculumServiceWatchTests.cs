using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Watching;

namespace Orca.Serving.Tests.Grpc;

/// <summary>Watching a run over the wire.</summary>
public sealed class CurriculumServiceWatchTests : IAsyncDisposable
{
    private readonly RunHistory history = new(TimeProvider.System, capacity: 100);
    private readonly RunningCurriculum run;

    public CurriculumServiceWatchTests() => run = new RunningCurriculum(history);

    [Fact]
    public async Task Whoever_was_cut_off_goes_on_with_nothing_missing_and_nothing_doubled()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        for (var number = 0; number < 10; number++)
        {
            history.Append(new FaultEvent($"{number}"));
        }

        var read = await ReadAsync(server, new WatchRequest { Kinds = { EventKind.Fault } }, 7);
        for (var number = 10; number < 30; number++)
        {
            history.Append(new FaultEvent($"{number}"));
        }

        var rest = new WatchRequest { AfterSequence = read[^1].Sequence, Kinds = { EventKind.Fault } };
        read.AddRange(await ReadAsync(server, rest, 23));

        Assert.Equal(Enumerable.Range(0, 30).Select(number => $"{number}"), read.Select(one => one.Fault.Text));
        Assert.Equal(read.Select(one => one.Sequence).Order().Distinct(), read.Select(one => one.Sequence));
    }

    [Fact]
    public async Task A_place_that_is_forgotten_is_answered_with_what_was_missed_and_what_is_remembered()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        history.Append(new FaultEvent("first"));
        var place = history.Read(null, 1).Position;
        for (var number = 0; number < 150; number++)
        {
            history.Append(new FaultEvent($"{number}"));
        }

        var read = await ReadAsync(server, new WatchRequest { AfterSequence = (ulong)place, Kinds = { EventKind.Fault } }, 101);

        Assert.Equal((50UL, false), (read[0].Gap.Missed, read[0].Gap.EarlierStart));
        Assert.Equal(read[1].Time, read[0].Gap.RememberedSince);
        Assert.Equal(Enumerable.Range(50, 100).Select(number => $"{number}"), read[1..].Select(one => one.Fault.Text));
    }

    [Fact]
    public async Task A_place_of_an_earlier_start_is_told_as_such_and_all_that_is_remembered_follows()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        var earlier = new RunHistory(new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(-1)));
        earlier.Append(new FaultEvent("before"));
        history.Append(new FaultEvent("now"));

        foreach (var place in new ulong[] { (ulong)earlier.Read(null, 1).Position, 0, ulong.MaxValue })
        {
            var read = await ReadAsync(server, new WatchRequest { AfterSequence = place, Kinds = { EventKind.Fault } }, 2);
            Assert.True(read[0].Gap.EarlierStart);
            Assert.Equal("now", read[1].Fault.Text);
        }
    }

    [Fact]
    public async Task A_command_is_told_with_its_receipt_and_the_status_that_it_made()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        using var call = server.Curriculum.Watch(new WatchRequest { IntervalMilliseconds = 100 });
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        var first = call.ResponseStream.Current;
        var mixture = new SetMixture { Weights = { ["cot"] = 2 } };
        var applied = await server.Curriculum.ApplyAsync(new ApplyRequest { CommandId = "m", SetMixture = mixture });
        var later = new List<WatchResponse>();
        while (!later.Any(one => one.Status is { Revision: 1 }) || !later.Any(one => one.Command is not null))
        {
            await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
            later.Add(call.ResponseStream.Current);
        }

        Assert.Equal((0UL, "assistant"), (first.Status.Revision, first.Status.Stage));
        var command = later.Single(one => one.Command is not null).Command;
        Assert.Equal(("m", "mixture", applied.Receipt), (command.CommandId, command.Kind, command.Receipt));
        Assert.Equal("""{"command":"mixture","weights":{"cot":2}}""", command.Json);
    }

    [Fact]
    public async Task What_cannot_be_watched_is_refused()
    {
        await using var server = await ServerFixture.StartEmptyAsync(control: run.Curriculum);
        await using var alone = await ServerFixture.StartEmptyAsync();

        async Task<StatusCode> CodeAsync(ServerFixture at, WatchRequest request) =>
            (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(at, request, 1))).StatusCode;

        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(server, new WatchRequest { IntervalMilliseconds = 1 }));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(server, new WatchRequest { Kinds = { EventKind.Unspecified } }));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(server, new WatchRequest { Kinds = { (EventKind)77 } }));
        Assert.Equal(StatusCode.FailedPrecondition, await CodeAsync(alone, new WatchRequest()));
    }

    public ValueTask DisposeAsync() => run.DisposeAsync();

    private static async Task<List<WatchResponse>> ReadAsync(ServerFixture server, WatchRequest request, int count)
    {
        using var call = server.Curriculum.Watch(request, cancellationToken: TestContext.Current.CancellationToken);
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).Take(count).ToListAsync();
    }
}
