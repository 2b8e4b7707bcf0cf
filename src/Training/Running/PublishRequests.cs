using System.Threading.Channels;

namespace Orca.Training.Running;

/// <summary>Requests for a checkpoint from any thread, answered on the trainer's.</summary>
internal sealed class PublishRequests
{
    private readonly Channel<TaskCompletionSource<string>> requests =
        Channel.CreateUnbounded<TaskCompletionSource<string>>(new UnboundedChannelOptions { SingleReader = true });

    private Task<bool>? arrival;

    /// <summary>Completes when a request waits.</summary>
    public Task Arrival => arrival ??= requests.Reader.WaitToReadAsync().AsTask();

    /// <summary>Asks for a checkpoint; gives its folder.</summary>
    /// <exception cref="TrainingException">The trainer has stopped, or publishing failed.</exception>
    public Task<string> AskAsync(CancellationToken cancellationToken)
    {
        var request = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!requests.Writer.TryWrite(request))
        {
            throw Stopped();
        }

        return request.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Answers all that wait with one checkpoint, made only where somebody waits.</summary>
    public void Answer(Func<Publication> publish)
    {
        Publication? publication = null;
        while (requests.Reader.TryRead(out var request))
        {
            publication ??= publish();
            if (publication.Folder is { } folder)
            {
                request.TrySetResult(folder);
            }
            else
            {
                request.TrySetException(new TrainingException(publication.Fault!));
            }
        }

        arrival = null;
    }

    /// <summary>Refuses what waits and all that comes.</summary>
    public void Close()
    {
        requests.Writer.TryComplete();
        while (requests.Reader.TryRead(out var request))
        {
            request.TrySetException(Stopped());
        }
    }

    private static TrainingException Stopped() => new("The trainer has stopped; start it again to publish a checkpoint.");
}
