namespace Orca.Serving.Checkpoints;

/// <summary>Work that goes on by itself and whose owner waits for it at its own end. Safe to use from several threads.</summary>
internal sealed class BackgroundTasks
{
    private readonly Lock gate = new();
    private readonly HashSet<Task> running = [];
    private readonly TaskCompletionSource broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many go on.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return running.Count;
            }
        }
    }

    /// <summary>Ends only when one fails, with what that threw. Its owner watches it, or work ends that nobody misses.</summary>
    public Task Broken => broken.Task;

    /// <summary>Begins one.</summary>
    public void Start(Func<Task> work)
    {
        var task = Task.Run(work);
        lock (gate)
        {
            running.Add(task);
        }

        _ = task.ContinueWith(Leave, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Returns when fewer than so many go on.</summary>
    public async Task UntilFewerThanAsync(int count, CancellationToken cancellationToken)
    {
        while (Some(count) is { } task)
        {
            await task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits for all of them.</summary>
    public Task EndAsync() => UntilFewerThanAsync(1, CancellationToken.None);

    private Task? Some(int count)
    {
        lock (gate)
        {
            return running.Count >= count ? Task.WhenAny(running) : null;
        }
    }

    private void Leave(Task task)
    {
        lock (gate)
        {
            running.Remove(task);
        }

        if (task.Exception is { InnerException: { } fault })
        {
            broken.TrySetException(fault);
        }
    }
}
