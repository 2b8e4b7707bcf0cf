using System.Collections.Immutable;
using System.Reactive.Disposables;
using Orca.Serving.Checkpoints;
using Orca.Streams.Curricula.Watching;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>Brings what happens in the rooms of a run into its history, for those who watch it. Any thread.</summary>
/// <param name="history">The history; the curriculum's commands and status come into it without this.</param>
internal sealed class WatchFeed(RunHistory history) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CompositeDisposable _subscriptions = [];
    private readonly Dictionary<long, VersionChange> _told = [];
    private long? _trainedStep;
    private long? _answeringStep;

    /// <summary>Listens to a trainer.</summary>
    public void Watch(Trainer trainer)
    {
        _subscriptions.Add(trainer.Steps.Subscribe(Hear));
        _subscriptions.Add(trainer.Publications.Subscribe(Hear));
    }

    /// <summary>Listens to a server's versions until the token is cancelled.</summary>
    public async Task WatchAsync(VersionRegistry versions, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var version in versions.WatchAsync(0, cancellationToken))
            {
                Hear(version);
            }
        }
        catch (OperationCanceledException)
        {
            // The end that the caller asked for.
        }
    }

    /// <summary>A step was made.</summary>
    public void Hear(TrainingStep step)
    {
        lock (_gate)
        {
            history.Append(EventOf(step));
            _trainedStep = step.Step;
            Measure();
        }
    }

    /// <summary>A checkpoint was published, or was not, which is told as a fault.</summary>
    public void Hear(Publication publication)
    {
        if (publication.Folder is { } folder)
        {
            history.Append(new VersionEvent(VersionChange.Published, Path.GetFileName(folder), publication.Step));
        }
    }

    /// <summary>Something went wrong, and the run goes on.</summary>
    public void Fault(string sentence) => history.Append(new FaultEvent(sentence));

    /// <summary>What all calls have cost so far.</summary>
    public void Spent(decimal amount)
    {
        lock (_gate)
        {
            history.Measures = history.Measures with { Spent = amount };
        }
    }

    public void Dispose() => _subscriptions.Dispose();

    // A record also changes with its part of the traffic: each version is told of once as loaded, and each time that it begins to answer.
    private void Hear(VersionRecord version)
    {
        lock (_gate)
        {
            VersionChange? change = version.State switch
            {
                VersionState.Ready => VersionChange.Loaded,
                VersionState.Active => VersionChange.Active,
                VersionState.Rejected => VersionChange.Rejected,
                _ => null,
            };
            var told = _told.TryGetValue(version.Number, out var before) ? before : (VersionChange?)null;
            if (change is not { } now || told == now)
            {
                return;
            }

            _told[version.Number] = now;
            if (now == VersionChange.Active)
            {
                _answeringStep = version.TrainerStep;
                Measure();
            }

            if (now != VersionChange.Loaded || told is null)
            {
                history.Append(new VersionEvent(now, version.Checkpoint, version.TrainerStep, version.Number, version.Reason));
            }
        }
    }

    private void Measure() => history.Measures = history.Measures with { StaleSteps = _trainedStep - _answeringStep };

    private static StepsEvent EventOf(TrainingStep step) => new()
    {
        FirstStep = step.Step,
        LastStep = step.Step,
        Made = step.Skipped ? 0 : 1,
        Skipped = step.Skipped ? 1 : 0,
        Loss = step.Skipped ? default : new TokenLoss(step.Loss * step.TeacherTokens, step.TeacherTokens),
        LossByCollection = step.Skipped ? TokenLoss.OfNone : step.Collections.ToImmutableSortedDictionary(
            pair => pair.Key, pair => new TokenLoss(pair.Value.Loss, pair.Value.TeacherTokens), StringComparer.Ordinal),
        GradientNorms = step.Skipped ? 0 : step.GradientNorm,
        Lessons = step.Lessons,
        Tokens = step.Tokens,
        Elapsed = step.Elapsed,
        Waited = step.Waited,
        Flops = step.Flops,
        Limit = step.Limit?.Product,
        LearningRate = step.LearningRate,
    };
}
