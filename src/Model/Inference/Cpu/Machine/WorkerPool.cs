using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.Machine;

/// <summary>A piece of work that can be done in parts, in any order, on any thread.</summary>
internal interface IParallelWork
{
    /// <summary>Does one part.</summary>
    /// <param name="part">Index of the part, from 0.</param>
    /// <param name="worker">Index of the thread that does it, from 0: names its scratch memory.</param>
    void Do(int part, int worker);
}

/// <summary>
/// Threads that share out the parts of one piece of work after another. Between two pieces they spin for a moment, since a
/// step of the network has hundreds of pieces of some microseconds; then they sleep. Parts are taken one by one, so a
/// thread that loses its core to another process delays one part and not half of the work. Owned by one thread, which
/// works too. Nothing is allocated for a piece of work.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    // A pause takes about 40 ns on Intel since Skylake, 20 ns on Zen: the spinning lasts for some hundred microseconds.
    private const int SpinsBeforeSleep = 12_000;
    private const int SpinsBeforeYield = 500;

    private readonly Thread[] helpers;
    private readonly Thread? builder;
    private readonly SemaphoreSlim[] alarms;
    private readonly int[] asleep;
    private delegate*<void*, int, int, void> body;
    private void* work;
    private int parts;
    private int next;
    private int unfinished;
    private int round;
    private bool isStarted;
    private bool isDisposed;

    /// <param name="threads">Threads in all, the caller's included.</param>
    /// <param name="sparesBuilder">
    /// The thread that makes it works alone: the others start when another one has something done first, and take over its
    /// priority instead.
    /// </param>
    public WorkerPool(int threads, bool sparesBuilder = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        alarms = [.. Enumerable.Range(1, threads - 1).Select(_ => new SemaphoreSlim(0))];
        asleep = new int[threads - 1];
        helpers = [.. Enumerable.Range(1, threads - 1).Select(worker =>
            new Thread(() => Serve(worker)) { Name = $"orca compute {worker}", IsBackground = true })];
        builder = sparesBuilder ? Thread.CurrentThread : null;
        if (!sparesBuilder)
        {
            Start();
        }
    }

    /// <summary>Threads in all, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Does all parts and returns when the last is done.</summary>
    public void Run<TWork>(TWork work, int parts)
        where TWork : unmanaged, IParallelWork
    {
        if (helpers.Length == 0 || parts == 1 || !IsReady())
        {
            for (var part = 0; part < parts; part++)
            {
                work.Do(part, 0);
            }

            return;
        }

        this.work = &work;
        body = &Do<TWork>;
        this.parts = parts;
        Volatile.Write(ref next, 0);
        Volatile.Write(ref unfinished, helpers.Length);
        Interlocked.Increment(ref round);
        WakeSleepers();
        TakeParts(0);
        WaitForHelpers();
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        Volatile.Write(ref isDisposed, true);
        Interlocked.Increment(ref round);
        WakeSleepers();
        foreach (var helper in isStarted ? helpers : [])
        {
            helper.Join();
        }

        foreach (var alarm in alarms)
        {
            alarm.Dispose();
        }
    }

    private bool IsReady()
    {
        if (!isStarted && Thread.CurrentThread != builder)
        {
            Start();
        }

        return isStarted;
    }

    private void Start()
    {
        isStarted = true;
        foreach (var helper in helpers)
        {
            helper.Start();
        }
    }

    private static void Do<TWork>(void* work, int part, int worker)
        where TWork : unmanaged, IParallelWork => ((TWork*)work)->Do(part, worker);

    private void Serve(int worker)
    {
        var seen = 0;
        while (true)
        {
            seen = WaitForRound(worker, seen);
            if (Volatile.Read(ref isDisposed))
            {
                return;
            }

            TakeParts(worker);
            Interlocked.Decrement(ref unfinished);
        }
    }

    private int WaitForRound(int worker, int seen)
    {
        for (var spins = 0; Volatile.Read(ref round) == seen; spins++)
        {
            Pause();
            if (spins < SpinsBeforeSleep)
            {
                continue;
            }

            // Whoever starts a round looks at this after it has changed the round; so one of the two sees the other.
            Interlocked.Exchange(ref asleep[worker - 1], 1);
            if (Volatile.Read(ref round) == seen || Interlocked.Exchange(ref asleep[worker - 1], 0) == 0)
            {
                alarms[worker - 1].Wait();
            }

            spins = 0;
        }

        // A round ends only after every helper has taken part in it, so none is ever missed.
        return seen + 1;
    }

    private void WakeSleepers()
    {
        for (var helper = 0; helper < asleep.Length; helper++)
        {
            if (Volatile.Read(ref asleep[helper]) != 0 && Interlocked.Exchange(ref asleep[helper], 0) != 0)
            {
                alarms[helper].Release();
            }
        }
    }

    private void TakeParts(int worker)
    {
        for (var part = Interlocked.Increment(ref next) - 1; part < parts; part = Interlocked.Increment(ref next) - 1)
        {
            body(work, part, worker);
        }
    }

    private void WaitForHelpers()
    {
        for (var spins = 1; Volatile.Read(ref unfinished) != 0; spins++)
        {
            Pause();
            if (spins % SpinsBeforeYield == 0)
            {
                Thread.Yield();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pause()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else
        {
            Thread.SpinWait(1);
        }
    }
}
