using Orca.Streams.Bus;

namespace Orca.Streams.Collecting;

/// <summary>Counts tasks under way, so that a run ends only after the last of them, and is stopped by the first that fails.</summary>
/// <param name="stop">Cancelled when a task fails.</param>
internal sealed class PendingWork(CancellationTokenSource stop)
{
    private readonly Signal idle = new();
    private int count;

    /// <summary>The same task, counted until it is over.</summary>
    public Task<T> Track<T>(Task<T> task)
    {
        Interlocked.Increment(ref count);
        return LeaveAsync(task);
    }

    /// <summary>The same task, counted until it is over.</summary>
    public async Task Track(Task task) => await Track(WithResultAsync(task));

    /// <summary>Complete when no task is under way.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            var change = idle.Next;
            if (Volatile.Read(ref count) == 0)
            {
                return;
            }

            await change;
        }
    }

    private static async Task<bool> WithResultAsync(Task task)
    {
        await task;
        return true;
    }

    private async Task<T> LeaveAsync<T>(Task<T> task)
    {
        try
        {
            return await task;
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
                idle.Pulse();
            }
        }
    }
}
