namespace Orca.Streams.Tests.Support;

/// <summary>
/// Runs asynchronous code on one thread in a time of its own, which stands still while anything can go on and then jumps to the next
/// timer. An hour takes as long as the work in it, always in the same order; what waits for nothing that will come is found out.
/// </summary>
internal sealed class Simulation : TimeProvider
{
    private static readonly DateTimeOffset Beginning = new(2026, 11, 29, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<SimulatedTimer, (long At, long Order)> timers = new();
    private long now;
    private long order;

    public TimeSpan Now => TimeSpan.FromTicks(now);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now;

    public override DateTimeOffset GetUtcNow() => Beginning + Now;

    /// <summary>Runs the code to its end.</summary>
    /// <exception cref="InvalidOperationException">It waits, and no timer is set.</exception>
    public static void Run(Func<Simulation, Task> code)
    {
        var simulation = new Simulation();
        var context = new QueueContext();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            var task = code(simulation);
            while (!task.IsCompleted)
            {
                if (!context.RunNext() && !simulation.Step())
                {
                    throw new InvalidOperationException($"At {simulation.Now} all wait, and nothing will wake them.");
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private bool Step()
    {
        while (timers.TryDequeue(out var timer, out var due))
        {
            if (timer.Due == due)
            {
                now = Math.Max(now, due.At);
                timer.Fire();
                return true;
            }
        }

        return false;
    }

    private sealed class QueueContext : SynchronizationContext
    {
        private readonly Queue<Action> work = new();

        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (work)
            {
                work.Enqueue(() => d(state));
            }
        }

        public bool RunNext()
        {
            Action? next;
            lock (work)
            {
                work.TryDequeue(out next);
            }

            next?.Invoke();
            return next is not null;
        }
    }

    private sealed class SimulatedTimer(Simulation simulation, Action callback) : ITimer
    {
        public (long At, long Order)? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? null : (simulation.now + dueTime.Ticks, simulation.order++);
            if (Due is { } due)
            {
                simulation.timers.Enqueue(this, due);
            }

            return true;
        }

        public void Fire()
        {
            Due = null;
            callback();
        }

        public void Dispose() => Due = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
