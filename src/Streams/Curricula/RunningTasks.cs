namespace Orca.Streams.Curricula;

/// <summary>Counts tasks under way, so that a run ends only after the last of them, whatever ended it.</summary>
internal sealed class RunningTasks
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
    public Task Track(Task task)
    {
        Interlocked.Increment(ref count);
        return LeaveAsync(task);
    }

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

    private async Task<T> LeaveAsync<T>(Task<T> task)
    {
        try
        {
            return await task;
        }
        finally
        {
            Leave();
        }
    }

    private async Task LeaveAsync(Task task)
    {
        try
        {
            await task;
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref count) == 0)
        {
            idle.Pulse();
        }
    }
}
