namespace Orca.Streams.Storage;

/// <summary>A write that waits for its group's commit.</summary>
internal abstract class PendingWrite
{
    public abstract void Run(TraceStatements statements);

    public abstract void Succeed();

    public abstract void Fail(Exception failure);
}

/// <summary>A write with what its caller gets back.</summary>
internal sealed class PendingWrite<T>(Func<TraceStatements, T> write, Action? lost) : PendingWrite
{
    // Continuations elsewhere: the writer's loop goes on to the next group.
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public Task<T> Done => done.Task;

    public override void Run(TraceStatements statements) => result = write(statements);

    public override void Succeed() => done.SetResult(result!);

    public override void Fail(Exception failure)
    {
        lost?.Invoke();
        done.SetException(failure);
    }
}
