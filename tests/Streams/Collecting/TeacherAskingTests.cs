using System.Reactive.Linq;
using Microsoft.Extensions.Time.Testing;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

public sealed class TeacherAskingTests
{
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_can_never_be_answered_is_left_out_with_what_the_teacher_said()
    {
        var (asking, events) = Asking(new FakeTeacher((_, _) => throw new TeacherException("too long") { Fault = TeacherFault.Request }));

        Assert.Equal((null, "too long"), await asking.AskAsync(Questions.Request("q"), Cancelled));
        Assert.Equal(0, (await events.Statistics.FirstAsync()).TeacherFailures);
    }

    [Fact]
    public async Task A_request_that_may_be_answered_another_time_is_postponed_and_told()
    {
        var (asking, events) = Asking(new FakeTeacher((_, _) => throw new TeacherException("odd") { Fault = TeacherFault.Unclear }));
        var told = new List<PipelineEvent>();
        using var subscription = events.All.Subscribe(told.Add);

        Assert.Equal((null, null), await asking.AskAsync(Questions.Request("q"), Cancelled));
        Assert.Equal("odd", Assert.Single(told.OfType<RequestPostponed>()).Message);
    }

    [Theory]
    [InlineData(TeacherFault.Settings)]
    [InlineData(TeacherFault.Temporary)]
    public async Task A_teacher_that_is_given_up_ends_the_collecting(TeacherFault fault)
    {
        var (asking, _) = Asking(new FakeTeacher((_, _) => throw new TeacherException("down") { Fault = fault }));

        Assert.Equal(fault, (await Assert.ThrowsAsync<TeacherException>(() => asking.AskAsync(Questions.Request("q"), Cancelled))).Fault);
    }

    [Fact]
    public async Task Each_call_of_an_endpoint_is_told_and_each_that_is_made_again_too()
    {
        await using var server = new ChatServer(number => number < 3 ? ChatServer.Http(500, "{}") : ChatServer.Reply("x"));
        using var scheduler = Endpoints.Of(server);
        var (asking, events) = Asking(new EndpointTeacher(scheduler, ["m"]));

        Assert.Equal("x", (await asking.AskAsync(Questions.Request("q"), Cancelled)).Trace!.Response);
        var statistics = await events.Statistics.FirstAsync();
        Assert.Equal((3, 2), (statistics.Asked, statistics.TeacherFailures));
    }

    private (TeacherAsking Asking, CollectionEvents Events) Asking(ITeacher teacher)
    {
        var events = new CollectionEvents();
        return (new TeacherAsking(teacher, events), events);
    }
}
