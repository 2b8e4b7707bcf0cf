namespace Orca.Streams.Bus;

/// <summary>Wakes those who wait for something to change. Costs nothing while nobody waits.</summary>
/// <remarks>Take <see cref="Next"/> first, then look at what you wait for, then await it: no change is missed.</remarks>
internal sealed class Signal
{
    private TaskCompletionSource? waiter;

    /// <summary>Complete after the next <see cref="Pulse"/>.</summary>
    public Task Next
    {
        get
        {
            var current = Volatile.Read(ref waiter);
            if (current is null)
            {
                var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                current = Interlocked.CompareExchange(ref waiter, fresh, null) ?? fresh;
            }

            return current.Task;
        }
    }

    /// <summary>Something has changed.</summary>
    public void Pulse() => Interlocked.Exchange(ref waiter, null)?.TrySetResult();
}
