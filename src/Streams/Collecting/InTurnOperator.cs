using System.Reactive.Linq;
using System.Threading.Channels;

namespace Orca.Streams.Collecting;

/// <summary>Results of tasks that run at once, in the order in which they were started.</summary>
internal static class InTurnOperator
{
    /// <summary>
    /// The result of each task in its turn; what is done early waits. Ends with the first failure in turn, or with the source's own end
    /// after the last result.
    /// </summary>
    /// <remarks>
    /// In place of Rx's Concat, which loses an error of the source while a task is awaited (System.Reactive 7.0.0), and of Merge(1), which
    /// recurses once for each result that waits. The queue is as long as the source runs ahead: pace the source.
    /// </remarks>
    public static IObservable<T> InTurn<T>(this IObservable<Task<T>> tasks) => Observable.Create<T>(async (observer, cancellationToken) =>
    {
        var queue = Channel.CreateUnbounded<Task<T>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var subscription = tasks.Subscribe(
            task => queue.Writer.TryWrite(task),
            failure => queue.Writer.TryComplete(failure),
            () => queue.Writer.TryComplete());
        await foreach (var task in queue.Reader.ReadAllAsync(cancellationToken))
        {
            observer.OnNext(await task);
        }
    });
}
