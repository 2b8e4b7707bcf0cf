using Orca.Streams.Bus;

namespace Orca.Streams.Collecting;

/// <summary>
/// Everything of a composition that is under way, so that it is over only after the last of it; the first failure stops what makes more.
/// </summary>
/// <param name="stop">Cancelled by the first failure.</param>
internal sealed class WorkInFlight(CancellationTokenSource stop)
{
    private readonly Signal changed = new();
    private int count;

    /// <summary>Starts work on an item and counts it until it is over.</summary>
    public async Task<TResult> RunAsync<T, TResult>(Func<T, Task<TResult>> work, T item)
    {
        Interlocked.Increment(ref count);
        try
        {
            return await work(item);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            if (Interlocked.Decrement(ref count) == 0)
            {
                changed.Pulse();
            }
        }
    }

    /// <summary>Complete when nothing is under way.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            var change = changed.Next;
            if (Volatile.Read(ref count) == 0)
            {
                return;
            }

            await change;
        }
    }
}
