using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Threading.Channels;
using Orca.Evaluation.Subjects;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>
/// Collects, teaches and trains, whichever of them are roles of this process: started together and stopped in order.
/// </summary>
/// <param name="parts">What runs; a part that is null is no role of this process.</param>
internal sealed class LearningSide(LearningParts parts) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopCollecting = new();
    private readonly CancellationTokenSource _stopTeaching = new();
    private readonly CancellationTokenSource _stopTraining = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<CollectionEnd>? _collecting;
    private Task _collected = Task.CompletedTask;
    private Task _teaching = Task.CompletedTask;
    private Task<TrainingSummary>? _training;
    private PublishOnRequest? _publishing;
    private Task<Publication?>? _first;

    /// <summary>What is taught, or only counted.</summary>
    public Curriculum Curriculum => parts.Curriculum;

    /// <summary>What happens while collecting; null where this process does not collect.</summary>
    public IObservable<PipelineEvent>? Events => parts.Pipeline?.Events;

    /// <summary>Calls that are under way now, which <see cref="StopAsync"/> waits for.</summary>
    public int CallsInFlight => parts.CallsInFlight;

    /// <summary>How many requests of the run have ended how.</summary>
    public StoreCounts Counts => parts.Counts;

    /// <summary>Who learns; null where this process does not train.</summary>
    public Trainer? Trainer => parts.Trainer;

    /// <summary>Why the teacher was given up, while a student goes on to learn what it has answered; null where it was not.</summary>
    public TeacherException? GivenUp { get; private set; }

    /// <summary>Hears of <see cref="GivenUp"/>, at once.</summary>
    public Action<TeacherException>? OnGivenUp { get; init; }

    /// <summary>
    /// Has the student of this process tell its loss on answers, and be asked before teachers are, where that is asked for and no other is
    /// named.
    /// </summary>
    /// <param name="scorer">The student, asked how likely it finds answers.</param>
    /// <param name="student">The student.</param>
    /// <param name="answers">Completes when it answers.</param>
    /// <returns>Whether answers of teachers wait for it.</returns>
    public bool Follow(ITextScorer scorer, ITextGenerator student, Task answers) => parts.Follow(scorer, student, answers);

    /// <summary>
    /// Starts every loop. The trainer publishes what it begins with, and waits for <see cref="OpenGate"/> before it learns.
    /// </summary>
    public void Start()
    {
        _teaching = parts.Curriculum.RunAsync(_stopTeaching.Token);
        if (parts.Pipeline is { } pipeline)
        {
            _collecting = pipeline.RunAsync(_stopCollecting.Token);
            _collected = parts.Trainer is null ? _collecting : CollectedAsync(_collecting);
        }
        else
        {
            parts.Curriculum.EndOfCollection();
        }

        if (parts.Trainer is { } trainer)
        {
            _first = trainer.Publications.FirstOrDefaultAsync().ToTask();
            _training = trainer.RunAsync(new GatedLessons(parts.Curriculum.Lessons, _gate.Task), _stopTraining.Token);
            _publishing = new PublishOnRequest(parts.Curriculum, trainer);
        }
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

    /// <summary>
    /// Waits until the training has ended, or the collecting where nobody is trained; or throws as soon as any loop fails. A teacher that
    /// is given up fails none: what it has answered is learned.
    /// </summary>
    public async Task EndAsync()
    {
        var failure = Task.WhenAny(FailureOf(_collected), FailureOf(_teaching)).Unwrap();
        await await Task.WhenAny(_training ?? (Task?)_collecting ?? _teaching, failure);
    }

    /// <summary>
    /// Stops in order: no more questions, and what is under way is answered and stored, while the trainer ends its step and publishes; then
    /// the curriculum. Does nothing twice.
    /// </summary>
    public async Task<LearningEnd> StopAsync()
    {
        OpenGate();
        await _stopCollecting.CancelAsync();
        await _stopTraining.CancelAsync();
        await QuietlyAsync(_collecting);
        await QuietlyAsync(_training);
        await _stopTeaching.CancelAsync();
        await QuietlyAsync(_teaching);
        if (_publishing is { } publishing)
        {
            await publishing.DisposeAsync();
        }

        return new LearningEnd(
            _training is { IsCompletedSuccessfully: true } ? await _training : null,
            _collecting is { IsCompletedSuccessfully: true } ? await _collecting : null,
            parts.Pipeline is { } pipeline ? await pipeline.Statistics.FirstAsync() : null);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await parts.DisposeAsync();
        _stopCollecting.Dispose();
        _stopTeaching.Dispose();
        _stopTraining.Dispose();
    }

    private async Task CollectedAsync(Task<CollectionEnd> collecting)
    {
        try
        {
            await collecting;
        }
        catch (TeacherException failure)
        {
            GivenUp = failure;
            OnGivenUp?.Invoke(failure);
            parts.Curriculum.EndOfCollection();
        }
    }

    private static async Task QuietlyAsync(Task? task)
    {
        if (task is not null)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Completes, faulted, when the task fails; never when it ends well.
    private static async Task FailureOf(Task? task)
    {
        await (task ?? Task.CompletedTask);
        await Task.Delay(Timeout.InfiniteTimeSpan);
    }
}

/// <summary>How the loops of a run have ended; null for what is no role of this process.</summary>
/// <param name="Training">How the training ended; null too where it failed.</param>
/// <param name="Collecting">Why the collecting ended; null too where it failed.</param>
/// <param name="Collected">What was collected in this start.</param>
internal sealed record LearningEnd(TrainingSummary? Training, CollectionEnd? Collecting, PipelineStatistics? Collected);
