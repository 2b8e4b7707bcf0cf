using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Watching;

namespace Orca.Serving.Tests.Grpc;

/// <summary>
/// What fifty who watch cost over the wire, both ends in this process. Measured where it is asked for: <c>-explicit only</c>.
/// </summary>
[Collection(nameof(Alone))]
public sealed class WatchCostTests(ITestOutputHelper output)
{
    private const int Watchers = 50;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    [Fact(Explicit = true)]
    public async Task Fifty_who_watch_a_run_that_changes_all_the_time_and_one_in_which_nothing_happens()
    {
        var history = new RunHistory(TimeProvider.System);
        var curriculum = new StillCurriculum(history);
        await using var server = await ServerFixture.StartEmptyAsync(control: curriculum);
        var bytes = 0L;
        using var channel = GrpcChannel.ForAddress(server.Endpoint, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new Counted(new NetworkStream(socket, ownsSocket: true), read => Interlocked.Add(ref bytes, read));
                },
            },
        });
        var client = new CurriculumService.CurriculumServiceClient(channel);
        using var end = new CancellationTokenSource();
        var events = 0L;
        var lessons = 0;
        void Change()
        {
            curriculum.Status = StillCurriculum.StatusAt(++lessons);
            history.Append(new StepsEvent { FirstStep = lessons, LastStep = lessons, Tokens = 100, LearningRate = 1e-3 });
        }

        void Hear() => Interlocked.Increment(ref events);
        var watching = Enumerable.Range(0, Watchers).Select(_ => WatchAsync(client, Hear, end.Token)).ToList();
        await Patience.UntilAsync(() => Interlocked.Read(ref events) >= Watchers);

        // What is compiled meanwhile is nobody's cost.
        await MeasureAsync(Change);
        Report("everything changes", await MeasureAsync(Change));
        var idle = await MeasureAsync(() => { });
        Report("nothing happens", idle);
        await end.CancelAsync();
        await Task.WhenAll(watching);
        Report("nobody watches, everything changes", await MeasureAsync(Change));
        Assert.InRange(idle.Bytes / Measured.TotalSeconds / Watchers, 0, 2_000);

        (TimeSpan Processor, long Bytes, long Events) Now() =>
            (Process.GetCurrentProcess().TotalProcessorTime, Interlocked.Read(ref bytes), Interlocked.Read(ref events));

        async Task<(TimeSpan Processor, long Bytes, long Events)> MeasureAsync(Action step)
        {
            var (before, begun) = (Now(), Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(begun) < Measured)
            {
                step();
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            var after = Now();
            return (after.Processor - before.Processor, after.Bytes - before.Bytes, after.Events - before.Events);
        }
    }

    private void Report(string what, (TimeSpan Processor, long Bytes, long Events) cost) => output.WriteLine(
        $"{what}: {cost.Processor / Measured:P2} of a processor, {cost.Bytes / Measured.TotalSeconds / Watchers:F0} bytes/s and "
            + $"{cost.Events / Measured.TotalSeconds / Watchers:F2} events/s each");

    private static async Task WatchAsync(CurriculumService.CurriculumServiceClient client, Action hear, CancellationToken end)
    {
        using var call = client.Watch(new WatchRequest(), cancellationToken: end);
        try
        {
            while (await call.ResponseStream.MoveNext(end))
            {
                hear();
            }
        }
        catch (RpcException) when (end.IsCancellationRequested)
        {
            // It has seen enough.
        }
    }

    private sealed class Counted(Stream inner, Action<int> read) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            read(count);
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
