using Orca.Model.Checkpoints;

namespace Orca.Training.Checkpoints;

/// <summary>At most one checkpoint that is being read, and is not removed meanwhile. For several threads.</summary>
internal sealed class HeldCheckpoint
{
    private readonly Lock gate = new();
    private string? folder;

    /// <summary>Holds one until what this gives is disposed; waits for a removal under way.</summary>
    public IDisposable Hold(string folder)
    {
        lock (gate)
        {
            this.folder = folder;
        }

        return new Holding(this);
    }

    /// <summary>Removes all but a root's newest checkpoints and the one that is held.</summary>
    /// <exception cref="CheckpointException">One cannot be deleted.</exception>
    public void Prune(string root, int keep)
    {
        lock (gate)
        {
            new CheckpointRoot(root).Prune(keep, folder);
        }
    }

    private sealed class Holding(HeldCheckpoint held) : IDisposable
    {
        public void Dispose()
        {
            lock (held.gate)
            {
                held.folder = null;
            }
        }
    }
}
