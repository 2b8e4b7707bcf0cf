using System.Collections.Immutable;

namespace Orca.Streams.Curricula.Watching;

/// <summary>An event as it is remembered.</summary>
/// <param name="Sequence">Its place: grows from event to event, also over restarts of the process.</param>
/// <param name="Time">When it happened; of several steps, when the last one was made.</param>
/// <param name="Event">What happened.</param>
public sealed record RunRecord(long Sequence, DateTimeOffset Time, RunEvent Event)
{
    /// <summary>Records with steps that follow each other made one; of the last one's place and time.</summary>
    public static IEnumerable<RunRecord> Summarized(IEnumerable<RunRecord> records)
    {
        RunRecord? held = null;
        foreach (var record in records)
        {
            if (held is not null && record.Event is StepsEvent later && held.Event is StepsEvent steps)
            {
                held = record with { Event = steps.With(later) };
                continue;
            }

            if (held is not null)
            {
                yield return held;
            }

            held = record;
        }

        if (held is not null)
        {
            yield return held;
        }
    }
}

/// <summary>What is remembered after a place.</summary>
/// <param name="Gap">What is not remembered before it; null where nothing is missing.</param>
/// <param name="Records">The events in order.</param>
/// <param name="Position">Place after all of them, to read on from.</param>
/// <param name="IsLast">Whether there is nothing after them yet.</param>
public sealed record RunReading(RunGap? Gap, ImmutableArray<RunRecord> Records, long Position, bool IsLast);

/// <summary>Events that are not remembered any more.</summary>
/// <param name="Sequence">Place after them.</param>
/// <param name="IsEarlierStart">Whether the place that was asked for is of an earlier start of the process, or of another run.</param>
/// <param name="Missed">
/// How many places lie between, those of statuses that newer ones have replaced included; 0 with another start, where nobody knows.
/// </param>
/// <param name="RememberedSince">When the first event happened that is remembered; null where there is none yet.</param>
public sealed record RunGap(long Sequence, bool IsEarlierStart, long Missed, DateTimeOffset? RememberedSince);
