using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace Orca.Streams.Collecting;

/// <summary>Tells those who listen what collecting does, and counts it.</summary>
internal sealed class CollectionEvents(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly RateWindow rate = new(time);
    private readonly Subject<PipelineEvent> events = new();
    private PipelineStatistics total = new();

    /// <summary>Hot; one event at a time.</summary>
    public IObservable<PipelineEvent> All => events.AsObservable();

    public PipelineStatistics Statistics
    {
        get
        {
            lock (gate)
            {
                return total with { TracesPerSecond = rate.PerSecond() };
            }
        }
    }

    public void Drawn() => Add(now => now with { Queries = now.Queries + 1, InFlight = now.InFlight + 1 });

    public void Skipped() => Add(now => now with { Skipped = now.Skipped + 1, InFlight = now.InFlight - 1 });

    /// <summary>A query whose end stays open because the run ends.</summary>
    public void Undrawn() => Add(now => now with { Queries = now.Queries - 1, InFlight = now.InFlight - 1 });

    public void Tell(PipelineEvent told) => Add(now => Count(now, told), told);

    public void Complete()
    {
        lock (gate)
        {
            events.OnCompleted();
        }
    }

    private PipelineStatistics Count(PipelineStatistics now, PipelineEvent told)
    {
        switch (told)
        {
            case TeacherAsked:
                return now with { Asked = now.Asked + 1 };
            case TraceKept kept:
                rate.Count();
                return Paid(now, kept.Trace) with { Kept = now.Kept + 1, InFlight = now.InFlight - 1 };
            case TraceRejected rejected:
                rate.Count();
                return Paid(now, rejected.Trace) with
                {
                    InFlight = now.InFlight - 1,
                    RejectedByScreen = now.RejectedByScreen.SetItem(
                        rejected.Screen, now.RejectedByScreen.GetValueOrDefault(rejected.Screen) + 1),
                };
            case RequestFailed:
                return now with { Failed = now.Failed + 1, InFlight = now.InFlight - 1 };
            case TeacherFailed or RequestPostponed:
                return now with { TeacherFailures = now.TeacherFailures + 1 };
            case SourceFaulted:
                return now with { SourceFaults = now.SourceFaults + 1 };
            default:
                return now;
        }
    }

    private static PipelineStatistics Paid(PipelineStatistics now, Teachers.Trace trace) => now with
    {
        PromptTokens = now.PromptTokens + trace.PromptTokens,
        CompletionTokens = now.CompletionTokens + trace.CompletionTokens,
        Cost = now.Cost + trace.Cost,
    };

    private void Add(Func<PipelineStatistics, PipelineStatistics> change, PipelineEvent? told = null)
    {
        lock (gate)
        {
            total = change(total);
            if (told is not null)
            {
                events.OnNext(told);
            }
        }
    }
}
