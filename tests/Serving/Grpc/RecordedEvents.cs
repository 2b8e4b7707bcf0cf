using Google.Protobuf;
using Grpc.Core;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Serving.Tests.Grpc;

/// <summary>Takes what is sent to one who watches, as its client would read it.</summary>
/// <param name="open">Each message waits for it, as for a caller that does not read.</param>
internal sealed class RecordedEvents(Task? open = null) : IServerStreamWriter<WatchResponse>
{
    public List<WatchResponse> Events { get; } = [];

    public long Bytes { get; private set; }

    public WriteOptions? WriteOptions { get; set; }

    public async Task WriteAsync(WatchResponse message)
    {
        await (open ?? Task.CompletedTask);
        var bytes = message.Encoded ?? message.ToByteArray();
        Bytes += bytes.Length;
        Events.Add(WatchResponse.Parser.ParseFrom(bytes));
    }

    public Task WriteAsync(WatchResponse message, CancellationToken cancellationToken) => WriteAsync(message);
}
