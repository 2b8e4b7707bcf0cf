using System.Collections.Concurrent;
using Orca.Streams.Curricula.Control;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>Hands requests for a checkpoint from the curriculum's control stream to the trainer.</summary>
internal sealed class PublishOnRequest : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Task, byte> _underWay = new();
    private readonly IDisposable _subscription;

    public PublishOnRequest(ICurriculumControl curriculum, Trainer trainer) =>
        _subscription = curriculum.PublishRequests.Subscribe(_ => Track(PublishAsync(trainer)));

    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        await Task.WhenAll(_underWay.Keys);
    }

    // A failed publication is shown with the others; the next one tries again.
    private static async Task PublishAsync(Trainer trainer) =>
        await ((Task)trainer.PublishNowAsync(CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Track(Task publication)
    {
        _underWay[publication] = 0;
        publication.ContinueWith(task => _underWay.TryRemove(task, out _), TaskScheduler.Default);
    }
}
