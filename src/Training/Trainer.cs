using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Threading.Channels;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Running;

namespace Orca.Training;

/// <summary>
/// Learns from lessons as they come: takes them out of a channel, packs them, makes one optimizer step after another and publishes
/// checkpoints. One thread of its own owns all tensors; everything else talks to it by values.
/// </summary>
/// <remarks>
/// A run goes on where its latest checkpoint left it: with the same lessons it then makes, on the processor, exactly the
/// steps that the uninterrupted run would have made.
/// </remarks>
public sealed class Trainer
{
    private readonly TrainerOptions options;
    private readonly TrainingRun run;
    private readonly TimeProvider time;
    private readonly Subject<TrainingStep> steps = new();
    private readonly Subject<Publication> publications = new();
    private readonly Subject<Rollback> rollbacks = new();
    private readonly PublishRequests requests = new();
    private int started;

    /// <summary>A trainer that has not started.</summary>
    /// <exception cref="TrainingException">The options have faults; all are named.</exception>
    public Trainer(TrainerOptions options, TrainingRun run, TimeProvider? time = null)
    {
        options.Validate();
        this.options = options;
        this.run = run;
        this.time = time ?? TimeProvider.System;
    }

    /// <summary>Every step as it is made, skipped ones included. Hot; called on the trainer's thread; completes with the run.</summary>
    public IObservable<TrainingStep> Steps => steps.AsObservable();

    /// <summary>Every attempt to publish. Hot; called on the trainer's thread; completes with the run.</summary>
    public IObservable<Publication> Publications => publications.AsObservable();

    /// <summary>
    /// Every order to take the student back to a checkpoint, carried out or refused. Hot; called on the trainer's thread; completes with
    /// the run.
    /// </summary>
    public IObservable<Rollback> Rollbacks => rollbacks.AsObservable();

    /// <summary>
    /// Trains until the run's bounds, the end of the lessons or cancellation; then publishes once more and returns. Once only.
    /// </summary>
    /// <param name="lessons">Lessons in the order of the curriculum; read by this trainer alone.</param>
    /// <param name="cancellationToken">
    /// Ends the run cleanly after the step under way; the task then gives its summary, it does not throw.
    /// </param>
    /// <exception cref="TrainingException">The run cannot start, or too many steps in a row gave no finite loss.</exception>
    public Task<TrainingSummary> RunAsync(ChannelReader<Lesson> lessons, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref started, 1) != 0)
        {
            throw new InvalidOperationException("A trainer runs once; make another one.");
        }

        var end = new TaskCompletionSource<TrainingSummary>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Train(lessons, end, cancellationToken)) { Name = "trainer", IsBackground = true };
        thread.Start();
        return end.Task;
    }

    /// <summary>Publishes the weights as they are after the step under way.</summary>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="TrainingException">Publishing failed, or the trainer has stopped.</exception>
    public Task<string> PublishNowAsync(CancellationToken cancellationToken) => requests.AskAsync(cancellationToken);

    private void Train(ChannelReader<Lesson> lessons, TaskCompletionSource<TrainingSummary> end, CancellationToken cancellationToken)
    {
        try
        {
            using var loop = new TrainerLoop(
                options, run, time, lessons, new TrainerSignals(requests, steps, publications, rollbacks, cancellationToken));
            end.SetResult(loop.Run());
        }
        catch (Exception e)
        {
            end.SetException(e);
        }
        finally
        {
            requests.Close();
            steps.OnCompleted();
            publications.OnCompleted();
            rollbacks.OnCompleted();
        }
    }
}
