using Google.Protobuf;
using Grpc.Core;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Watching;

namespace Orca.Serving.Grpc;

/// <summary>
/// Events as they are sent, encoded once for all who watch: the newest, and the newest status. Safe to use from several threads.
/// </summary>
internal sealed class EncodedEvents
{
    // Who reads further back encodes for itself: statuses can be large, and what was long ago is read seldom.
    private const int Kept = 512;

    private readonly Lock gate = new();
    private readonly (RunRecord Record, byte[] Bytes)?[] newest = new (RunRecord, byte[])?[Kept];
    private (RunRecord Record, byte[] Bytes)? status;

    /// <summary>How many were encoded.</summary>
    public long Made { get; private set; }

    /// <summary>The message of an event, which need not be encoded any more.</summary>
    public WatchResponse Of(RunRecord record)
    {
        lock (gate)
        {
            ref var kept = ref record.Event is StatusEvent ? ref status : ref newest[record.Sequence % Kept];
            if (!ReferenceEquals(kept?.Record, record))
            {
                kept = (record, record.ToMessage().ToByteArray());
                Made++;
            }

            return new WatchResponse { Encoded = kept!.Value.Bytes };
        }
    }

    /// <summary>Writes what is encoded already as it is.</summary>
    public static Marshaller<T> Marshaller<T>(Marshaller<T> usual)
        where T : class => usual is not Marshaller<WatchResponse> watch ? usual
            : (Marshaller<T>)(object)new Marshaller<WatchResponse>(
                (message, context) =>
                {
                    if (message.Encoded is { } bytes)
                    {
                        context.Complete(bytes);
                    }
                    else
                    {
                        watch.ContextualSerializer(message, context);
                    }
                },
                watch.ContextualDeserializer);
}
