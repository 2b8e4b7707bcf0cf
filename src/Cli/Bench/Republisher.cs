using Orca.Model.Checkpoints;

namespace Orca.Cli.Bench;

/// <summary>Publishes the same weights as ever later checkpoints while a run goes on, and clears its own old copies away.</summary>
/// <param name="source">The model that is copied.</param>
/// <param name="root">The folder of checkpoints that the server follows.</param>
/// <param name="pace">How often.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class Republisher(string source, string root, ReloadPace pace, TimeProvider clock) : IDisposable
{
    // As many as a server keeps to go back to, and one that it may be reading.
    private const int Kept = 5;

    private readonly SemaphoreSlim _due = new(0);
    private readonly Queue<string> _copies = new();

    /// <summary>Copies published.</summary>
    public int Published { get; private set; }

    /// <summary>So many requests have ended.</summary>
    public void Saw(int ended)
    {
        if (pace.Every is null && ended % pace.Requests == 0)
        {
            _due.Release();
        }
    }

    /// <summary>Publishes until cancelled.</summary>
    /// <exception cref="CheckpointException">A copy cannot be written.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await (pace.Every is { } every ? Task.Delay(every, clock, cancellationToken) : _due.WaitAsync(cancellationToken));
                Publish();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    public void Dispose() => _due.Dispose();

    private void Publish()
    {
        var last = new CheckpointRoot(root).List().Select(folder => CheckpointManifest.Read(folder)?.Step ?? 0).DefaultIfEmpty().Max();
        _copies.Enqueue(CheckpointCopy.Publish(source, root, last + 1, clock.GetUtcNow()));
        Published++;
        while (_copies.Count > Kept)
        {
            CheckpointCopy.Delete(_copies.Dequeue());
        }
    }
}
