using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Requests;
using Orca.Streams.Curricula.Watching;

namespace Orca.Serving.Grpc;

/// <summary>One who watches: reads the history on from its own place, at its own pace.</summary>
internal sealed class WatchSession
{
    // A caller that reads slowly holds up no more than one of these.
    private const int PageSize = 256;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);
    private static readonly WriteOptions More = new(WriteFlags.BufferHint);

    private readonly RunHistory history;
    private readonly StatusSampler sampler;
    private readonly EncodedEvents events;
    private readonly IServerStreamWriter<WatchResponse> responses;
    private readonly TimeProvider clock;
    private readonly TimeSpan interval;
    private readonly FrozenSet<EventKind> kinds;
    private long? after;
    private long sentAt;

    /// <summary>One that has been sent nothing yet.</summary>
    /// <param name="request">What it wants.</param>
    /// <param name="history">What has happened.</param>
    /// <param name="sampler">Brings the status into it.</param>
    /// <param name="events">Encodes.</param>
    /// <param name="responses">To whom it is sent.</param>
    /// <param name="clock">Paces it.</param>
    /// <exception cref="GenerationException">The request is faulty.</exception>
    public WatchSession(
        WatchRequest request, RunHistory history, StatusSampler sampler, EncodedEvents events,
        IServerStreamWriter<WatchResponse> responses, TimeProvider clock)
    {
        (this.history, this.sampler, this.events, this.responses, this.clock) = (history, sampler, events, responses, clock);
        interval = WatchInterval.Of(request.IntervalMilliseconds);
        kinds = request.Kinds.Contains(EventKind.Unspecified)
            ? throw GenerationException.Invalid("kinds", "names no kind; give status, steps, version, command or fault, or nothing for all")
            : request.Kinds.ToFrozenSet();
        after = request.HasAfterSequence ? (long)Math.Min(request.AfterSequence, long.MaxValue) : null;
        sentAt = clock.GetTimestamp();
    }

    /// <summary>Sends what has happened, and at every interval what is new, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            await SendNewsAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Sends what is new, or a heartbeat where there was nothing for long.</summary>
    public async Task SendNewsAsync(CancellationToken cancellationToken)
    {
        // A status serves all whose turn comes while it is younger than half of their interval.
        sampler.Refresh(interval / 2);
        RunReading reading;
        do
        {
            reading = history.Read(after, PageSize);
            after = reading.Position;
            await SendAsync(reading, cancellationToken);
        }
        while (!reading.IsLast);

        if (clock.GetElapsedTime(sentAt) >= LongestSilence)
        {
            await SendAsync(
                new WatchResponse
                {
                    Sequence = (ulong)after!.Value,
                    Time = Timestamp.FromDateTimeOffset(clock.GetUtcNow()),
                    Heartbeat = new Heartbeat(),
                },
                isMoreComing: false, cancellationToken);
        }
    }

    private async Task SendAsync(RunReading reading, CancellationToken cancellationToken)
    {
        var page = RunRecord.Summarized(
            reading.Records.Where(record => kinds.Count == 0 || kinds.Contains(EventTranslation.KindOf(record.Event)))).ToList();
        if (reading.Gap is { } gap)
        {
            await SendAsync(gap.ToMessage(clock.GetUtcNow()), page.Count > 0, cancellationToken);
        }

        for (var i = 0; i < page.Count; i++)
        {
            await SendAsync(events.Of(page[i]), i < page.Count - 1, cancellationToken);
        }
    }

    private async Task SendAsync(WatchResponse message, bool isMoreComing, CancellationToken cancellationToken)
    {
        responses.WriteOptions = isMoreComing ? More : null;
        await responses.WriteAsync(message, cancellationToken);
        sentAt = clock.GetTimestamp();
    }
}
