using System.Reactive.Disposables;
using Orca.Evaluation.Runs;
using Orca.Serving.Checkpoints;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Training;

namespace Orca.Cli.Display;

/// <summary>Listens to every room of a run and tells at any time how the run stands. Any thread.</summary>
/// <param name="clock">Tells the time.</param>
internal sealed class RunMonitor(TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly long _started = clock.GetTimestamp();
    private readonly StepWindow _steps = new();
    private readonly Series _losses = new();
    private readonly Series _heldOuts = new();
    private readonly CompositeDisposable _subscriptions = [];
    private ICurriculumControl? _curriculum;
    private RunSnapshot _run = new();
    private long? _lastStepAt;

    /// <summary>The run as it stands.</summary>
    public RunSnapshot Snapshot()
    {
        lock (_gate)
        {
            var run = _run with
            {
                Elapsed = clock.GetElapsedTime(_started),
                Losses = _losses.Numbers,
                HeldOuts = _heldOuts.Numbers,
                TokensPerSecond = _steps.TokensPerSecond(_lastStepAt is { } at ? clock.GetElapsedTime(at) : TimeSpan.Zero),
            };
            return _curriculum is null ? run : WithCurriculum(run, _curriculum.Status);
        }
    }

    /// <summary>Says what the run is at.</summary>
    public void Enter(string phase) => Update(run => run with { Phase = phase });

    /// <summary>Looks at a curriculum from now on.</summary>
    public void Watch(ICurriculumControl curriculum) => _curriculum = curriculum;

    /// <summary>Listens to how many traces a second are judged.</summary>
    public void Watch(IObservable<double> tracesPerSecond) =>
        _subscriptions.Add(tracesPerSecond.Subscribe(rate => Update(run => run with { TasksPerSecond = rate })));

    /// <summary>Listens to a trainer.</summary>
    public void Watch(Trainer trainer, int? maxSteps)
    {
        Watch(trainer.Steps, maxSteps);
        _subscriptions.Add(trainer.Publications.Subscribe(publication =>
            Update(run => publication.Folder is { } folder ? run with { Published = Path.GetFileName(folder) } : run)));
    }

    /// <summary>Listens to training steps, the end of which is the end of training.</summary>
    public void Watch(IObservable<TrainingStep> steps, int? maxSteps)
    {
        Update(run => run with { MaxSteps = maxSteps });
        _subscriptions.Add(steps.Subscribe(Note, NoteEnd));
    }

    /// <summary>Listens to a server's versions until the token is cancelled.</summary>
    public async Task WatchAsync(VersionRegistry versions, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var version in versions.WatchAsync(0, cancellationToken))
            {
                if (version.State == VersionState.Active)
                {
                    Update(run => run with { Served = $"{version.Number} ({version.Checkpoint})" });
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end that the caller asked for.
        }
    }

    /// <summary>Notes an examination or a sample.</summary>
    /// <param name="accuracy">Share of its questions answered rightly, 0 to 1.</param>
    public void Note(double accuracy) => Update(run =>
    {
        _heldOuts.Add(accuracy);
        return run with { HeldOut = accuracy };
    });

    /// <summary>Notes that something outside went wrong: a record that cannot be read, a teacher that does not answer.</summary>
    public void NoteFault() => Update(run => run with { Faults = run.Faults + 1 });

    public void Dispose() => _subscriptions.Dispose();

    private void Note(TrainingStep step) => Update(run =>
    {
        _steps.Add(step);
        _lastStepAt = clock.GetTimestamp();
        if (step is { Skipped: false, TeacherTokens: > 0 })
        {
            _losses.Add(step.Loss);
        }

        return run with
        {
            Step = step.Step,
            Loss = _steps.Loss,
            PracticeLoss = _steps.PracticeLoss,
            ShareOfProduct = _steps.ShareOfProduct,
            Waiting = _steps.Waiting,
            MemoryBytes = step.MemoryBytes,
            LearningRate = step.LearningRate,
        };
    });

    // The rate stays what it was, rather than come down while the student is examined.
    private void NoteEnd() => Update(run =>
    {
        _lastStepAt = null;
        return run;
    });

    private RunSnapshot WithCurriculum(RunSnapshot run, CurriculumStatus status) => run with
    {
        Stage = status.Stage,
        Paused = status.Paused != PausedWork.None,
        Kept = status.TracesAccepted,
        Rejected = status.RejectedByScreen,
        Queued = (int)Math.Min(status.TracesWaiting, status.LessonsCapacity),
        QueueCapacity = status.LessonsCapacity,
    };

    private void Update(Func<RunSnapshot, RunSnapshot> change)
    {
        lock (_gate)
        {
            _run = change(_run);
        }
    }
}
