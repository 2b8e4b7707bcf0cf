using System.Collections.Concurrent;
using Orca.Serving.Batching;

namespace Orca.Serving.Engine;

/// <summary>What other threads ask of the engine's thread, done there between steps, in order.</summary>
/// <param name="wake">Called when there is something to do.</param>
/// <param name="refusal">What those get that come when the thread has ended.</param>
internal sealed class EngineCommands(Action wake, Func<Exception> refusal)
{
    private readonly ConcurrentQueue<Command> commands = new();
    private volatile bool isClosed;

    /// <summary>Has something done. Ends with its result; or with what it threw.</summary>
    public Task<T> PostAsync<T>(Func<T> command)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Command(() => done.TrySetResult(command()), error => done.TrySetException(error)));
        return done.Task;
    }

    /// <summary>Has something begun that completes later, or throws at once.</summary>
    public Task PostAsync(Action<TaskCompletionSource> command)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Command(() => command(done), error => done.TrySetException(error)));
        return done.Task;
    }

    /// <summary>Does what has been asked for.</summary>
    public void RunAll()
    {
        while (commands.TryDequeue(out var command))
        {
            try
            {
                command.Run();
            }
            catch (Exception fault) when (fault is not EngineInvariantException)
            {
                command.Refuse(fault);
            }
        }
    }

    /// <summary>Refuses what has been asked for, and everything from now on.</summary>
    public void Close()
    {
        isClosed = true;
        RefuseAll();
    }

    private void Post(Command command)
    {
        commands.Enqueue(command);
        wake();
        if (isClosed)
        {
            RefuseAll();
        }
    }

    private void RefuseAll()
    {
        while (commands.TryDequeue(out var command))
        {
            command.Refuse(refusal());
        }
    }

    private sealed record Command(Action Run, Action<Exception> Refuse);
}
