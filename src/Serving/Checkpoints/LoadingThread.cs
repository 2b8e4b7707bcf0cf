using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Runs the work of a load on a thread of its own that yields to whatever else wants the processor: first come those who are
/// answered. The work must start no thread that outlives it and queue nothing to the thread pool, whose threads would take
/// the low priority over for good.
/// </summary>
internal static partial class LoadingThread
{
    // Half-way to the lowest: about a tenth of the share of an ordinary thread where both want all of it.
    private const int Niceness = 10;
    private const int OfThread = 0;

    /// <summary>Runs it.</summary>
    public static async Task<T> RunAsync<T>(Func<T> work)
    {
        using var ended = new ManualResetEvent(false);
        var (result, fault) = (default(T), default(ExceptionDispatchInfo));
        var thread = new Thread(() =>
        {
            YieldToOthers();
            try
            {
                result = work();
            }
            catch (Exception caught)
            {
                fault = ExceptionDispatchInfo.Capture(caught);
            }

            ended.Set();
        })
        {
            Name = "orca loading",
            IsBackground = true,
        };
        thread.Start();
        await SetAsync(ended);
        thread.Join();
        fault?.Throw();
        return result!;
    }

    /// <summary>
    /// Whoever waits goes on from a thread of ordinary priority: the one that waits for events, not the one that sets them.
    /// </summary>
    private static async Task SetAsync(WaitHandle signal)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = ThreadPool.RegisterWaitForSingleObject(
            signal, (_, _) => seen.SetResult(), null, Timeout.Infinite, executeOnlyOnce: true);
        await seen.Task;
        registration.Unregister(null);
    }

    /// <summary>Gives the calling thread a low priority for good.</summary>
    public static void YieldToOthers()
    {
        if (OperatingSystem.IsLinux())
        {
            // There it is the calling thread's alone, and the threads it starts. Where it is refused the load is only less considerate.
            _ = SetPriority(OfThread, 0, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);
}
