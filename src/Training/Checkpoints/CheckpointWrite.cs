using Orca.Model.Checkpoints;

namespace Orca.Training.Checkpoints;

/// <summary>
/// A checkpoint that is being written from its snapshot, on a thread of its own or at once. Used by the trainer's thread; one of a root at
/// a time.
/// </summary>
internal sealed class CheckpointWrite : IDisposable
{
    private readonly string root;
    private readonly CheckpointDraft draft;
    private readonly RunSnapshot snapshot;
    private readonly Action prune;
    private readonly TaskCompletionSource<(string? Folder, string? Fault)> end = new();

    /// <summary>One that has not begun.</summary>
    /// <param name="root">Folder of the run's checkpoints.</param>
    /// <param name="draft">What to write, of the snapshot's tensors.</param>
    /// <param name="snapshot">Freed when this is disposed.</param>
    /// <param name="prune">Removes old checkpoints, once this one is published.</param>
    public CheckpointWrite(string root, CheckpointDraft draft, RunSnapshot snapshot, Action prune) =>
        (this.root, this.draft, this.snapshot, this.prune) = (root, draft, snapshot, prune);

    /// <summary>The step it holds.</summary>
    public long Step => draft.Step;

    /// <summary>Its folder, null where it failed, and what went wrong, null where nothing did; fails where neither can be said.</summary>
    public Task<(string? Folder, string? Fault)> End => end.Task;

    /// <summary>Writes it on a thread of its own.</summary>
    public void InBackground() => new Thread(Now) { Name = "checkpoint", IsBackground = true }.Start();

    /// <summary>Writes it on this thread.</summary>
    public void Now()
    {
        string? folder = null;
        try
        {
            folder = CheckpointPublisher.Publish(root, draft);
            prune();
            end.SetResult((folder, null));
        }
        catch (CheckpointException e)
        {
            end.SetResult((folder, e.Message));
        }
        catch (Exception e)
        {
            end.SetException(e);
        }
    }

    /// <summary>Waits until it has been written, then frees the snapshot.</summary>
    public void Dispose()
    {
        ((IAsyncResult)end.Task).AsyncWaitHandle.WaitOne();
        snapshot.Dispose();
    }
}
