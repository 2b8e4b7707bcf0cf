using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace Orca.Streams.Collecting;

/// <summary>Tells those who listen what collecting does: everything that is counted or shown is made of these events.</summary>
internal sealed class CollectionEvents
{
    private readonly ISubject<PipelineEvent> events = Subject.Synchronize(new Subject<PipelineEvent>());

    public CollectionEvents()
    {
        var none = new PipelineStatistics();
        var statistics = events.Scan(none, (total, told) => total.After(told)).StartWith(none).Replay(1);
        statistics.Connect();
        Statistics = statistics;
    }

    /// <summary>Hot; one event at a time.</summary>
    public IObservable<PipelineEvent> All => events.AsObservable();

    /// <summary>The statistics as they stand, then after every event.</summary>
    public IObservable<PipelineStatistics> Statistics { get; }

    public void Tell(PipelineEvent told) => events.OnNext(told);

    public void Complete() => events.OnCompleted();
}
