using System.Collections.Immutable;
using System.Reactive.Concurrency;
using System.Reactive.Linq;

namespace Orca.Streams.Collecting;

/// <summary>How often something happens.</summary>
public static class RateOperator
{
    /// <summary>
    /// At every second, how many of the source's items came in a second, over the last <paramref name="seconds"/> seconds, or as many as
    /// there were yet. Ends with the source.
    /// </summary>
    public static IObservable<double> PerSecond<T>(this IObservable<T> source, int seconds, IScheduler? scheduler = null) => source
        .Window(TimeSpan.FromSeconds(1), scheduler ?? Scheduler.Default)
        .SelectMany(second => second.Count())
        .Scan(ImmutableQueue<int>.Empty, (counts, count) => Latest(counts.Enqueue(count), seconds))
        .Select(counts => counts.Average());

    private static ImmutableQueue<int> Latest(ImmutableQueue<int> counts, int most) =>
        counts.Count() > most ? counts.Dequeue() : counts;
}
