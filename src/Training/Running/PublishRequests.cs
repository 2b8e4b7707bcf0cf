using System.Threading.Channels;

namespace Orca.Training.Running;

/// <summary>Requests for a checkpoint from any thread, answered on the trainer's.</summary>
internal sealed class PublishRequests
{
    private readonly Channel<TaskCompletionSource<string>> requests =
        Channel.CreateUnbounded<TaskCompletionSource<string>>(new UnboundedChannelOptions { SingleReader = true });

    private readonly List<(long Step, TaskCompletionSource<string> Request)> taken = [];
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

    /// <summary>Takes all that wait: they ask for a checkpoint of a step.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Take(long step)
    {
        var before = taken.Count;
        while (requests.Reader.TryRead(out var request))
        {
            taken.Add((step, request));
        }

        arrival = null;
        return taken.Count > before;
    }

    /// <summary>Answers those that were taken for the publication's step, or one before it.</summary>
    public void Answer(Publication publication)
    {
        foreach (var (_, request) in taken.Where(one => one.Step <= publication.Step))
        {
            if (publication.Folder is { } folder)
            {
                request.TrySetResult(folder);
            }
            else
            {
                request.TrySetException(new TrainingException(publication.Fault!));
            }
        }

        taken.RemoveAll(one => one.Step <= publication.Step);
    }

    /// <summary>Refuses what waits and all that comes.</summary>
    public void Close()
    {
        requests.Writer.TryComplete();
        Take(0);
        foreach (var (_, request) in taken)
        {
            request.TrySetException(Stopped());
        }
    }

    private static TrainingException Stopped() => new("The trainer has stopped; start it again to publish a checkpoint.");
}
