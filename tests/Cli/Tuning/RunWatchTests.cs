using Grpc.Core;
using Orca.Cli.Tuning;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Tests.Tuning;

public sealed class RunWatchTests
{
    private static readonly RpcException Cut = new(new Grpc.Core.Status(StatusCode.Unavailable, "gone"));

    private readonly List<ulong?> _asked = [];
    private readonly List<string> _said = [];

    [Fact]
    public async Task Where_the_connection_is_cut_it_goes_on_after_the_last_event_and_says_so()
    {
        var events = await ReadAsync([Event(7), Event(8)], [], [Event(9), Event(10, finished: true)]);

        Assert.Equal([7UL, 8, 9, 10], events.Select(one => one.Sequence));
        Assert.Equal([null, 8UL, 8UL], _asked);
        Assert.Equal(2, _said.Count);
        Assert.Contains("cut", _said[0]);
        Assert.Contains("again", _said[1]);
    }

    [Fact]
    public async Task A_server_that_cannot_be_watched_at_all_is_not_tried_again()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAsync([[]]));
        Assert.Equal((StatusCode.Unavailable, 1, 0), (failure.StatusCode, _asked.Count, _said.Count));
    }

    private static WatchResponse Event(ulong sequence, bool finished = false) =>
        new() { Sequence = sequence, Status = new Protocol.Curriculum.V1.Status { Finished = finished } };

    private async Task<List<WatchResponse>> ReadAsync(params WatchResponse[][] connections)
    {
        var watch = new RunWatch(
            (request, _) =>
            {
                _asked.Add(request.HasAfterSequence ? request.AfterSequence : null);
                return new AsyncServerStreamingCall<WatchResponse>(
                    new Connection(connections[_asked.Count - 1]), Task.FromResult(new Metadata()), () => Grpc.Core.Status.DefaultSuccess,
                    () => [], () => { });
            },
            _said.Add, TimeProvider.System);
        return await watch.ReadAsync(new WatchRequest(), TestContext.Current.CancellationToken).ToListAsync();
    }

    private sealed class Connection(WatchResponse[] events) : IAsyncStreamReader<WatchResponse>
    {
        private int _next;

        public WatchResponse Current { get; private set; } = null!;

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (_next == events.Length)
            {
                return Task.FromException<bool>(Cut);
            }

            Current = events[_next++];
            return Task.FromResult(true);
        }
    }
}
