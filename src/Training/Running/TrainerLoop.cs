using System.Threading.Channels;
using Orca.Model.Native;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Adapters;
using Orca.Training.Checkpoints;
using Orca.Training.Loss;
using Orca.Training.Packing;
using Orca.Training.Practice;
using Orca.Training.Speed;
using static TorchSharp.torch;

namespace Orca.Training.Running;

/// <summary>The trainer's one loop, made, run and disposed on its own thread.</summary>
internal sealed partial class TrainerLoop : IDisposable
{
    private readonly TrainerOptions options;
    private readonly TrainingRun run;
    private readonly TimeProvider time;
    private readonly TrainerSignals signals;
    private readonly RunBounds bounds;
    private readonly long startedAt;
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenSource timeUp;
    private readonly Learner learner;
    private readonly PackingOptions packing;
    private readonly LessonIntake intake;
    private readonly CheckpointKeeper checkpoints;
    private readonly MetricsLog metrics;
    private readonly StepWork work;
    private readonly ProductLimit limit;
    private readonly HashSet<int> endTokens;
    private LessonPacker packer;
    private TrainerState state;
    private TimeSpan waited;
    private int failedInARow;

    /// <summary>Starts a run, or goes on with one, up to where its first step can be made.</summary>
    public TrainerLoop(TrainerOptions options, TrainingRun run, TimeProvider time, ChannelReader<Lesson> lessons, TrainerSignals signals)
    {
        (this.options, this.run, this.time, this.signals) = (options, run, time, signals);
        bounds = new RunBounds(options.MaxSteps, options.MaxDuration);
        startedAt = time.GetTimestamp();
        timeUp = options.MaxDuration is { } duration ? new CancellationTokenSource(duration, time) : new CancellationTokenSource();
        stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Cancelled, timeUp.Token);
        metrics = new MetricsLog(run.MetricsFile, time);
        checkpoints = new CheckpointKeeper(options, run, time);
        learner = StudentLoader.NewLearner(options, run.Student);
        try
        {
            packing = new PackingOptions(
                options.SequenceLength, options.BatchRows * options.MicroBatches, run.Student.Config.VocabularySize,
                options.PackingLookahead);
            var saved = checkpoints.Resume(learner);
            if (saved is null)
            {
                StudentLoader.LoadFirstWeights(learner, options, run.Student);
            }

            state = saved?.State ?? new TrainerState
            {
                Origin = run.Student.Origin,
                Base = AdapterBase.Of(options, run.Student),
            };
            state = options.RestartSchedule ? state.WithScheduleBegun() : state;
            packer = new LessonPacker(packing, saved?.Packer);
            work = new StepWork(run.Student.Config, options.Lora.IsOn);
            endTokens = [.. run.Student.Config.EosIds, .. run.Student.Template.StopIds(run.Student.Tokenizer)];
            limit = new ProductLimit(run.Student.Config, options);
            intake = new LessonIntake(lessons, stop.Token);
        }
        catch
        {
            // Tensors are freed on the thread that made them, never by the finalizer's.
            Dispose();
            throw;
        }
    }

    /// <summary>Trains until something ends the run.</summary>
    public TrainingSummary Run()
    {
        if (options.PublishAtStart && checkpoints.PublishedStep is null)
        {
            PublishIfPossible();
        }

        while (true)
        {
            TellEnded(checkpoints.TakeEnded());
            if (signals.Requests.Take(state.Step))
            {
                Publish();
            }

            if (EndReached() is { } end)
            {
                return Finish(end);
            }

            var outcome = Fill();
            if (outcome == IntakeOutcome.Interrupted)
            {
                continue;
            }

            if (packer.IsEmpty)
            {
                return Finish(TrainingEnd.LessonsEnded);
            }

            var orders = run.Link?.Filled(state.Step + 1) ?? StepOrders.None;
            if (orders.RollBack is { } order && order.Revision != orderHandled)
            {
                RollBack(order, run.Link!);
                continue;
            }

            Step(orders);
            if (checkpoints.IsDue(state.Step))
            {
                PublishIfPossible();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        checkpoints.Dispose();
        learner.Dispose();
        metrics.Dispose();
        stop.Dispose();
        timeUp.Dispose();
    }

    private TimeSpan Elapsed => time.GetElapsedTime(startedAt);

    private TrainingEnd? EndReached() => signals.Cancelled.IsCancellationRequested ? TrainingEnd.Cancelled
        : timeUp.IsCancellationRequested ? TrainingEnd.MaxDuration
        : bounds.Reached(state.Step, Elapsed);

    private IntakeOutcome Fill()
    {
        var from = time.GetTimestamp();
        run.Link?.Fill(state.Step + 1);
        var outcome = intake.Fill(
            packer, checkpoints.UnderWay is { } written ? [signals.Requests.Arrival, written] : [signals.Requests.Arrival]);
        waited += time.GetElapsedTime(from);
        return outcome;
    }

    private void Step(StepOrders orders)
    {
        HearOfSchedule(orders);
        var from = time.GetTimestamp();
        var batches = PackStep();
        var progress = bounds.Progress(state.Step, Elapsed, state.ScheduleStart, scheduleBegan);
        var level = options.Schedule.LevelAt(progress, state.RateLevel);
        var learningRate = options.Schedule.RateAt(state.Step - state.ScheduleStart, level) * orders.RateScale;
        var result = learner.Step(batches, learningRate);
        var counts = LessonCount.Sum(batches.Select(batch => batch.Collections));
        var step = new TrainingStep
        {
            Step = state.Step + 1,
            Loss = result.Loss,
            Skipped = !result.Made,
            LearningRate = learningRate,
            RateLevel = level,
            RateScale = orders.RateScale,
            GradientNorm = result.GradientNorm,
            Lessons = batches.Sum(batch => batch.Lessons),
            Tokens = batches.Sum(batch => batch.TokenCount),
            TeacherTokens = batches.Sum(batch => batch.TeacherTokens),
            PracticeLoss = batches.Any(batch => batch.PracticeTokens > 0) ? result.PracticeLoss : null,
            PracticeTokens = batches.Sum(batch => batch.PracticeTokens),
            Practice = PracticeAlarms.Of(batches.SelectMany(batch => batch.Packed), endTokens),
            PackingEfficiency = (double)batches.Sum(batch => batch.TokenCount) / batches.Sum(batch => batch.Tokens.Length),
            Collections = LessonLoss.In(counts, result.Lessons),
            RefusedLessons = packer.Refused.Values.Sum(),
            Elapsed = time.GetElapsedTime(from),
            Flops = work.Of(batches),
            Limit = limit.Value,
            MemoryBytes = DeviceMemory.UsedBytes(options.Device),
            Waited = waited,
            Progress = progress,
        };
        waited = TimeSpan.Zero;
        limit.Note(step);
        state = state.After(step);
        Tell(step);
        run.Link?.Made(new StepResult(step.Step, step.Skipped, [.. result.Lessons.Select(lesson => lesson.ToResult())]));
        StopWhereItDiverges(step);
    }

    private List<PackedBatch> PackStep()
    {
        var batches = new List<PackedBatch>(options.MicroBatches);
        while (batches.Count < options.MicroBatches && packer.Pack(options.BatchRows) is { } batch)
        {
            batches.Add(batch);
        }

        return batches;
    }

    private void Tell(TrainingStep step)
    {
        metrics.Write(step);
        signals.Steps.OnNext(step);
    }

    private void StopWhereItDiverges(TrainingStep step)
    {
        failedInARow = step.Skipped ? failedInARow + 1 : 0;
        if (failedInARow >= options.MaxFailedSteps)
        {
            throw new TrainingException(
                $"The loss or the gradient of {failedInARow} steps in a row at step {step.Step} was not finite (loss {step.Loss}, "
                    + "gradient norm "
                + $"{step.GradientNorm}); start again from the last checkpoint with a lower training.learningRate, "
                    + $"{options.Schedule.Peak} now.");
        }
    }

    private TrainingSummary Finish(TrainingEnd end)
    {
        TellEnded(checkpoints.Wait());
        if (checkpoints.PublishedStep != state.Step)
        {
            PublishIfPossible();
        }

        TellEnded(checkpoints.Wait());
        return intake.Error is { } error
            ? throw new TrainingException($"The lessons ended with an error after step {state.Step}: {error.Message}", error)
            : new TrainingSummary(state.Step, end, checkpoints.LastFolder, checkpoints.LastFault);
    }

    private void PublishIfPossible()
    {
        if (checkpoints.Publishes)
        {
            Publish();
        }
    }

    // One after another: where a checkpoint is due before the last is written, training waits for that.
    private void Publish()
    {
        if (state.Step == checkpoints.StepUnderWay)
        {
            return;
        }

        TellEnded(checkpoints.Wait());
        TellEnded(checkpoints.Begin(learner, state, packer.State));
    }

    private void TellEnded(Publication? publication)
    {
        if (publication is not null)
        {
            signals.Requests.Answer(publication);
            signals.Publications.OnNext(publication);
        }
    }
}
