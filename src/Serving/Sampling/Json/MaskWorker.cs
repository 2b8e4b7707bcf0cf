using System.Collections.Concurrent;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// Works masks out, one after the other, on a thread of its own of low priority: the answers that wait for one sit out the steps until it
/// is there, and nobody else waits. Stops when disposed.
/// </summary>
/// <param name="done">Called after each, on that thread.</param>
internal sealed class MaskWorker(Action done) : IDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private Thread? thread;

    /// <summary>Has a piece of work done. It must not throw.</summary>
    public void Enqueue(Action piece)
    {
        // Most servers are never asked for a form.
        if (thread is null)
        {
            thread = new Thread(Run) { Name = "orca masks", IsBackground = true };
            thread.Start();
        }

        work.Add(piece);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        work.CompleteAdding();
        thread?.Join();
        work.Dispose();
    }

    private void Run()
    {
        LoadingThread.YieldToOthers();
        foreach (var piece in work.GetConsumingEnumerable())
        {
            piece();
            done();
        }
    }
}
