using System.Reactive.Linq;
using System.Threading.Channels;

namespace Orca.Streams.Collecting;

/// <summary>In which order results are passed on.</summary>
internal enum ResultOrder
{
    /// <summary>As they come.</summary>
    AsTheyCome,

    /// <summary>In the order of the items; what is done early waits.</summary>
    InTurn,
}

/// <summary>Asynchronous work on each item of a stream, on many at once.</summary>
internal static class ConcurrentlyOperator
{
    /// <summary>
    /// The result of the work on each item. Ends with the first failure (in turn: in its turn), or with the source's own end after the
    /// last result.
    /// </summary>
    /// <remarks>
    /// In flight: every item that the source has given and whose result has not been passed on. That is bounded by the source alone, which
    /// must hold a credit for each. In place of Rx's Merge, whose waiting results recurse, and of Concat, which loses an error of the
    /// source while a task is awaited (System.Reactive 7.0.0).
    /// </remarks>
    public static IObservable<TResult> Concurrently<T, TResult>(
        this IObservable<T> source, Func<T, Task<TResult>> work, ResultOrder order, WorkInFlight inFlight) =>
        Observable.Create<TResult>(async (observer, cancellationToken) =>
        {
            var results = Channel.CreateUnbounded<Task<TResult>>(new UnboundedChannelOptions { SingleReader = true });
            var open = 1;
            using var subscription = source.Subscribe(
                item =>
                {
                    Interlocked.Increment(ref open);
                    var task = inFlight.RunAsync(work, item);
                    if (order == ResultOrder.InTurn)
                    {
                        Give(task);
                    }
                    else
                    {
                        _ = GiveWhenDoneAsync(task);
                    }
                },
                failure => results.Writer.TryComplete(failure),
                Leave);
            await foreach (var result in results.Reader.ReadAllAsync(cancellationToken))
            {
                observer.OnNext(await result);
            }

            async Task GiveWhenDoneAsync(Task<TResult> task)
            {
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Give(task);
            }

            void Give(Task<TResult> task)
            {
                results.Writer.TryWrite(task);
                Leave();
            }

            // The source and each item without a result hold it open.
            void Leave()
            {
                if (Interlocked.Decrement(ref open) == 0)
                {
                    results.Writer.TryComplete();
                }
            }
        });
}
