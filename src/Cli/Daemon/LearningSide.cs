using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Threading.Channels;
using Orca.Streams.Curricula;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>
/// Collects, teaches and trains: the loops of a run that lead to checkpoints, started together and stopped in order.
/// </summary>
/// <param name="parts">What runs; a part that is null is no role of this process.</param>
internal sealed class LearningSide(LearningParts parts) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopCollecting = new();
    private readonly CancellationTokenSource _stopTeaching = new();
    private readonly CancellationTokenSource _stopTraining = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _collecting = Task.CompletedTask;
    private Task _teaching = Task.CompletedTask;
    private Task<TrainingSummary?> _training = Task.FromResult<TrainingSummary?>(null);
    private PublishOnRequest? _publishing;
    private Task<Publication?>? _first;

    /// <summary>What is taught.</summary>
    public Curriculum Curriculum => parts.Curriculum;

    /// <summary>Who learns; null where this process does not train.</summary>
    public Trainer? Trainer => parts.Trainer;

    /// <summary>
    /// Starts every loop. The trainer publishes what it begins with, and waits for <see cref="OpenGate"/> before it learns.
    /// </summary>
    public void Start()
    {
        _teaching = parts.Curriculum.RunAsync(_stopTeaching.Token);
        if (parts.Pipeline is { } pipeline)
        {
            _collecting = pipeline.RunAsync(_stopCollecting.Token);
        }
        else
        {
            parts.Curriculum.EndOfCollection();
        }

        _first = parts.Trainer?.Publications.FirstOrDefaultAsync().ToTask();
        var lessons = new GatedLessons(parts.Curriculum.Lessons, _gate.Task);
        _training = parts.Trainer is { } trainer ? TrainAsync(trainer, lessons) : DrainAsync(lessons);
        _publishing = parts.Trainer is { } publisher ? new PublishOnRequest(parts.Curriculum, publisher) : null;
    }

    /// <summary>Why what the trainer began with could not be published; never completes where it was.</summary>
    public async Task<string> FirstFaultAsync()
    {
        // Null too where the trainer ended without a publication.
        if (_first is null || await _first is not { Fault: { } fault })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan);
            return "";
        }

        return fault;
    }

    /// <summary>Lets the trainer take lessons.</summary>
    public void OpenGate() => _gate.TrySetResult();

    /// <summary>Waits until the training has ended, or throws as soon as any loop fails.</summary>
    public async Task EndAsync()
    {
        var failure = Task.WhenAny(FailureOf(_collecting), FailureOf(_teaching)).Unwrap();
        await await Task.WhenAny(_training, failure);
    }

    /// <summary>
    /// Stops in order: no more questions, then what is answered is stored; the trainer ends its step and publishes; then the
    /// curriculum. Does nothing twice.
    /// </summary>
    /// <returns>How the training ended; null where this process does not train.</returns>
    public async Task<TrainingSummary?> StopAsync()
    {
        OpenGate();
        await _stopCollecting.CancelAsync();
        await _collecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopTraining.CancelAsync();
        await ((Task)_training).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopTeaching.CancelAsync();
        await _teaching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_publishing is { } publishing)
        {
            await publishing.DisposeAsync();
        }

        return _training.IsCompletedSuccessfully ? await _training : null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await parts.DisposeAsync();
        _stopCollecting.Dispose();
        _stopTeaching.Dispose();
        _stopTraining.Dispose();
    }

    private async Task<TrainingSummary?> TrainAsync(Trainer trainer, ChannelReader<Lesson> lessons) =>
        await trainer.RunAsync(lessons, _stopTraining.Token);

    // Without a trainer here the lessons are only counted: a later start gives them out again from the store.
    private async Task<TrainingSummary?> DrainAsync(ChannelReader<Lesson> lessons)
    {
        try
        {
            await foreach (var _ in lessons.ReadAllAsync(_stopTraining.Token))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The end that the caller asked for.
        }

        return null;
    }

    // Completes, faulted, when the task fails; never when it ends well.
    private static async Task FailureOf(Task task)
    {
        await task;
        await Task.Delay(Timeout.InfiniteTimeSpan);
    }
}
